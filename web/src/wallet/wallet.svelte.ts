/** One's wallet as the house has it: read when it is first needed, again when it changed and whenever the house is back. */

import { untrack } from 'svelte';
import { request } from '$lib/api';
import { engine } from '$lib/engine';
import { codeOf } from '$lib/i18n';
import { currencies, walletOn } from './on.svelte';
import type { Balance, Entry, Wallet } from './types';

export { currencies, walletOn };

/** Changes come in bursts (a red packet that two hundred people open): one reading serves them all. */
const RENEW_AFTER_MS = 120;

let now = $state.raw<Wallet>();
let problem = $state('');
/** Goes up whenever money moved: what shows entries reads them again. */
let version = $state(0);
let owner = '';
let timer: ReturnType<typeof setTimeout> | undefined;
let asked = 0;

export const wallet = {
	/** Undefined until it was read once. */
	get now(): Wallet | undefined {
		return now;
	},
	/** The code of what stood in the way of the last reading; empty when it went well. */
	get problem(): string {
		return problem;
	},
	get version(): number {
		return version;
	}
};

/** What may be spent in a currency, in minor units. */
export function available(currency: string): number {
	return balanceOf(currency)?.available ?? 0;
}

export function balanceOf(currency: string): Balance | undefined {
	return now?.balances.find((balance) => balance.currency === currency);
}

export async function loadWallet(): Promise<void> {
	clearTimeout(timer);
	const turn = ++asked;
	try {
		const read = await request<Wallet>('GET', '/wallet');
		// A later reading knows better.
		if (turn !== asked) return;
		now = read;
		problem = '';
	} catch (error) {
		if (turn === asked) problem = codeOf(error) || 'unknown';
	}
}

function renewSoon(): void {
	clearTimeout(timer);
	timer = setTimeout(() => void loadWallet(), RENEW_AFTER_MS);
}

function changed({ balance }: { balance?: Balance | null; entry?: Entry | null }): void {
	version += 1;
	if (now && balance) {
		const balances = now.balances.map((known) => (known.currency === balance.currency ? balance : known));
		now = { ...now, balances };
	}
	renewSoon();
}

engine.listen('wallet.changed', changed);
engine.listen('charge.changed', renewSoon);

$effect.root(() => {
	$effect(() => {
		const me = engine.me?.person.id ?? '';
		const online = engine.status === 'online' && walletOn();
		untrack(() => {
			if (me !== owner) {
				owner = me;
				now = undefined;
				asked += 1;
			}
			if (!me || !online) return;
			version += 1;
			void loadWallet();
		});
	});
});
