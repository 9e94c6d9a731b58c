/** Whether this house has a wallet: all that is known of it before one opens it. */

import { untrack } from 'svelte';
import { engine } from '$lib/engine';
import { house, loadHouse } from '../onboarding/house.svelte';

const STORED = 'teahouse.currencies';

function stored(): string[] {
	try {
		return localStorage.getItem(STORED)?.split(' ').filter(Boolean) ?? [];
	} catch {
		return [];
	}
}

let known = $state.raw(stored());

/** The house's currencies, its main one first; none: it has no wallet. */
export const currencies = (): string[] => house.now?.currencies ?? known;

export const walletOn = (): boolean => currencies().length > 0;

/** Call in the shell: asks the house when it is reached, and then watches for payments that wait for one's yes. */
export function followWallet(): void {
	$effect(() => {
		if (engine.status === 'online') untrack(() => void loadHouse());
	});
	$effect(() => {
		if (!house.now) return;
		known = house.now.currencies;
		try {
			localStorage.setItem(STORED, known.join(' '));
		} catch {
			// Storage is closed to us (private window): the place shows a moment later next time.
		}
	});
	$effect(() => {
		if (engine.status === 'online' && house.now?.currencies.length) void import('./charges/watch.svelte');
	});
}
