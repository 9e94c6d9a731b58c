/** All that was chosen, in order: added to, taken from, moved about. */

import type { Piece } from '$lib/engine/contract';
import { Item, ITEMS_MAX } from './items.svelte';
import { pairs } from './recognise';

export class ChosenItems {
	all = $state.raw<Item[]>([]);
	currentId = $state(0);
	/** How many did not fit in, and the names of those that the house does not take. */
	leftOut = $state(0);
	tooLarge = $state.raw<string[]>([]);
	readonly index = $derived(Math.max(0, this.all.findIndex(({ id }) => id === this.currentId)));
	readonly current = $derived(this.all[this.index]);
	readonly ready = $derived(this.all.length > 0 && this.all.every((item) => item.ready));
	#looking = Promise.resolve();

	/** `bytesMax`: what the house takes of one file; 0 is no limit. */
	constructor(private readonly bytesMax: number) {}

	add(files: readonly File[]): void {
		const fitting = files.filter((file) => !this.bytesMax || file.size <= this.bytesMax);
		this.tooLarge = files.filter((file) => !fitting.includes(file)).map(({ name }) => name);
		const items = pairs(fitting).map(({ file, moment }) => new Item(file, file.name, moment));
		this.#put(items);
	}

	take(piece: Piece): void {
		this.#put([new Item(piece.file, piece.name ?? '', piece.moment, piece)]);
	}

	#put(items: Item[]): void {
		const room = Math.max(0, ITEMS_MAX - this.all.length);
		this.leftOut = Math.max(0, items.length - room);
		for (const item of items.slice(room)) item.release();
		const taken = items.slice(0, room);
		if (!taken.length) return;
		this.all = [...this.all, ...taken];
		this.currentId = taken[0]!.id;
		// One after the other: twenty pictures at once would not fit in a phone's memory.
		for (const item of taken) this.#looking = this.#looking.then(() => this.#look(item));
	}

	async #look(item: Item): Promise<void> {
		if (!this.all.includes(item)) return;
		const apart = await item.look();
		if (apart instanceof File) this.#put([new Item(apart, apart.name)]);
	}

	remove(item: Item): void {
		const at = this.all.indexOf(item);
		this.all = this.all.filter((other) => other !== item);
		this.leftOut = 0;
		if (item.id === this.currentId) this.currentId = this.all[Math.min(at, this.all.length - 1)]?.id ?? 0;
		item.release();
	}

	/** Move an item to a place in the order. */
	move(item: Item, to: number): void {
		const others = this.all.filter((other) => other !== item);
		const place = Math.min(others.length, Math.max(0, to));
		this.all = [...others.slice(0, place), item, ...others.slice(place)];
	}

	release(): void {
		for (const item of this.all) item.release();
	}
}
