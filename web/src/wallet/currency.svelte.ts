/** The currency that the wallet's pages show: the house's main one until another is chosen. */

import { currencies, wallet } from './wallet.svelte';

const STORED = 'teahouse.wallet.currency';
const HIDDEN = 'teahouse.wallet.hidden';

function read(key: string): string {
	try {
		return localStorage.getItem(key) ?? '';
	} catch {
		return '';
	}
}

function keep(key: string, value: string): void {
	try {
		localStorage.setItem(key, value);
	} catch {
		// Storage is closed to us (private window): the choice holds for this visit.
	}
}

let currency = $state(read(STORED));
let hidden = $state(read(HIDDEN) === 'yes');

/** The house's currencies, and those that it gave up and one still has. */
export const choices = (): string[] => wallet.now?.balances.map((balance) => balance.currency) ?? currencies();

export const shown = {
	get currency(): string {
		return choices().includes(currency) ? currency : (choices()[0] ?? 'EUR');
	},
	set currency(chosen: string) {
		currency = chosen;
		keep(STORED, chosen);
	},
	/** Sums are hidden from those who look over one's shoulder. */
	get hidden(): boolean {
		return hidden;
	},
	set hidden(on: boolean) {
		hidden = on;
		keep(HIDDEN, on ? 'yes' : '');
	}
};
