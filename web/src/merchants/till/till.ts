/** What a till keeps between customers, and what it can tell of a scanned code. */

import { idOf } from '../shops.svelte';
import type { Shop } from '../types';

const STORED = 'teahouse.till.counter';

/** What a coupon's holder shows. */
export function isCouponCode(text: string): boolean {
	return /^TC1\.[a-z0-9]{16}\./i.test(text.trim());
}

/** The counter that this device stood at last. */
export function usualCounter(shop: Shop): string {
	try {
		const kept = localStorage.getItem(`${STORED}.${idOf(shop)}`) ?? '';
		return shop.counters.some(({ id }) => id === kept) ? kept : (shop.counters[0]?.id ?? '');
	} catch {
		return shop.counters[0]?.id ?? '';
	}
}

export function rememberCounter(shop: Shop, counter: string): void {
	try {
		localStorage.setItem(`${STORED}.${idOf(shop)}`, counter);
	} catch {
		// Storage is closed to us: it is asked for again.
	}
}
