/** The rows of the list: the loaded messages, reached step by step so that the virtual list can keep its place. */

import { tick } from 'svelte';
import type { ShownMessage } from '$lib/engine/contract';
import { stepsBetween, type Step } from './follow';

export class Rows {
	shown: readonly ShownMessage[] = $state.raw([]);
	/** The change that led to them was at the start. */
	shift = $state(false);
	/** Goes up when nothing of the former rows is left. */
	generation = $state(0);
	#steps: Step[] = [];
	#frame = 0;

	follow(loaded: readonly ShownMessage[]): void {
		this.#steps = stepsBetween(this.shown, loaded);
		this.#step();
	}

	stop(): void {
		cancelAnimationFrame(this.#frame);
	}

	indexOf(seq: number): number {
		return this.shown.findIndex((one) => one.seq === seq);
	}

	/** Where a seq that is deleted would stand. */
	indexFrom(seq: number): number {
		return this.shown.findIndex((one) => one.seq >= seq || one.seq === 0);
	}

	/**
	 * A change at the start waits for the next frame. Between correcting the scroll position and hearing its scroll event
	 * the virtual list keeps its range of rows, and rows that come in just then would be drawn where others belong.
	 */
	#step(): void {
		if (!this.#steps[0]?.shift || document.hidden) this.#apply();
		else this.#frame ||= requestAnimationFrame(() => this.#apply());
	}

	#apply(): void {
		this.#frame = 0;
		const next = this.#steps.shift();
		if (!next) return;
		if (next.fresh) this.generation += 1;
		this.shift = next.shift;
		this.shown = next.rows;
		if (this.#steps.length) void tick().then(() => this.#step());
	}
}

/** The rows of the present messages are in the document. */
export async function settled(): Promise<void> {
	await tick();
	await new Promise(requestAnimationFrame);
}
