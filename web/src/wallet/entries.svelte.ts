/** The history, page by page, newest first; what changes meanwhile is read again in place. */

import { SvelteMap } from 'svelte/reactivity';
import { request } from '$lib/api';
import type { Person } from '$lib/engine/types';
import type { Entry, EntryPage } from './types';

const PAGE = 30;
const PAGE_MAX = 100;

export interface Filters {
	currency: string;
	/** Comma-separated entry kinds; empty: all. */
	kinds?: string;
	direction?: '' | 'in' | 'out';
	/** `2026-11`; empty: all. */
	month?: string;
}

export class Entries {
	list = $state.raw<Entry[]>([]);
	readonly people = new SvelteMap<string, Person>();
	/** Read once, with or without entries. */
	ready = $state(false);
	busy = $state(false);
	problem = $state.raw<unknown>();
	#next = $state(0);
	#turn = 0;

	constructor(
		private readonly filters: Filters,
		private readonly first = PAGE
	) {}

	get hasMore(): boolean {
		return this.#next > 0;
	}

	/** Read the newest again: as many as are shown. */
	async renew(): Promise<void> {
		const turn = ++this.#turn;
		const limit = Math.min(Math.max(this.list.length, this.first), PAGE_MAX);
		const page = await this.#read(0, limit, turn);
		if (!page) return;
		const oldest = page.entries.at(-1)?.number ?? 0;
		// Older ones than were read now stay as they were.
		const older = this.list.length > limit ? this.list.filter(({ number }) => number < oldest) : [];
		this.list = [...page.entries, ...older];
		if (!older.length) this.#next = page.next;
		this.ready = true;
	}

	async more(): Promise<void> {
		if (this.busy || !this.#next) return;
		const page = await this.#read(this.#next, PAGE, ++this.#turn);
		if (!page) return;
		this.list = [...this.list, ...page.entries];
		this.#next = page.next;
	}

	async #read(before: number, limit: number, turn: number): Promise<EntryPage | undefined> {
		this.busy = true;
		this.problem = undefined;
		try {
			const page = await readEntries(this.filters, before, limit);
			if (turn !== this.#turn) return;
			for (const person of page.people) this.people.set(person.id, person);
			return page;
		} catch (error) {
			if (turn === this.#turn) this.problem = error;
		} finally {
			if (turn === this.#turn) this.busy = false;
		}
		return;
	}
}

export function readEntries(filters: Filters, before: number, limit: number): Promise<EntryPage> {
	const { currency, kinds = '', direction = '', month = '' } = filters;
	const query = new URLSearchParams({ currency, limit: String(limit) });
	if (before) query.set('before', String(before));
	if (kinds) query.set('kinds', kinds);
	if (direction) query.set('direction', direction);
	if (month) query.set('month', month);
	return request<EntryPage>('GET', `/wallet/entries?${query}`);
}

export interface Found {
	entry?: Entry;
	people: ReadonlyMap<string, Person>;
}

let opened: Found | undefined;

/** It is about to be opened: it shows at once. */
export function remember(entry: Entry, people: ReadonlyMap<string, Person>): void {
	opened = { entry, people };
}

export const remembered = (currency: string, number: number): Found | undefined =>
	opened?.entry?.number === number && opened.entry.currency === currency ? opened : undefined;

/** Find an entry among those of its month. */
export async function findEntry(currency: string, month: string, number: number): Promise<Found> {
	const people = new Map<string, Person>();
	let before = 0;
	do {
		const page = await readEntries({ currency, month }, before, PAGE_MAX);
		for (const person of page.people) people.set(person.id, person);
		const entry = page.entries.find((one) => one.number === number);
		if (entry) return { entry, people };
		before = page.next > number ? page.next : 0;
	} while (before);
	return { people };
}
