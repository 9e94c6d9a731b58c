/** What comes into one's wallet while a page is open: read again whenever money moved, so that nothing is missed. */

import { request } from '$lib/api';
import { engine } from '$lib/engine';
import type { EntryPage } from '../types';

const SHOWN_MAX = 20;
const READ_MAX = 20;
/** Payments to a busy counter come in bursts: one reading serves them all. */
const SOON_MS = 150;

export interface Came {
	number: number;
	at: number;
	amount: number;
	currency: string;
	name: string;
	note: string;
}

export class Incoming {
	/** The newest first. */
	entries = $state.raw<Came[]>([]);
	readonly #currencies: () => string[];
	/** The newest entry of each currency that was there before the page opened, or was shown. */
	readonly #seen = new Map<string, number>();

	constructor(currencies: () => string[]) {
		this.#currencies = currencies;
	}

	/** Begin; returns how to stop. */
	follow(): () => void {
		let timer: ReturnType<typeof setTimeout> | undefined;
		let over = false;
		const look = () => void (over || this.#read().catch(() => undefined));
		const soon = () => {
			clearTimeout(timer);
			timer = setTimeout(look, SOON_MS);
		};
		const stop = engine.listen('wallet.changed', soon);
		look();
		return () => {
			over = true;
			clearTimeout(timer);
			stop();
		};
	}

	async #read(): Promise<void> {
		await Promise.all(this.#currencies().map((currency) => this.#readOne(currency)));
	}

	async #readOne(currency: string): Promise<void> {
		const page = await request<EntryPage>('GET', `/wallet/entries?currency=${currency}&direction=in&limit=${READ_MAX}`);
		const known = this.#seen.get(currency);
		this.#seen.set(currency, Math.max(known ?? 0, page.entries[0]?.number ?? 0));
		if (known === undefined) return;
		const fresh = page.entries
			.filter(({ number, state }) => number > known && state === 'moved')
			.map(({ number, at, amount, note = '', other }) => ({
				number, at, amount, currency, note,
				name: page.people.find(({ id }) => id === other)?.name ?? ''
			}));
		// Two readings may overlap: each entry shows once.
		const shown = new Set(this.entries.map((entry) => entry.number));
		const added = fresh.filter(({ number }) => !shown.has(number));
		if (added.length) this.entries = [...added, ...this.entries].slice(0, SHOWN_MAX);
	}
}
