/** One's coupons: as this device kept them, then as the house has them; read again when they changed and when it is back. */

import { untrack } from 'svelte';
import { request } from '$lib/api';
import { engine } from '$lib/engine';
import { codeOf } from '$lib/i18n';
import { compareClocks } from './clock';
import type { Coupon, CouponPack } from './types';
import { sorted } from './when';

const KEPT = 'coupons';
/** Changes come in bursts: one reading serves them all. */
const RENEW_AFTER_MS = 120;

let now = $state.raw<CouponPack>();
let problem = $state('');
/** Goes up whenever something changed: what shows one coupon reads it again. */
let version = $state(0);
let owner = $state('');
let needed = $state(false);
let timer: ReturnType<typeof setTimeout> | undefined;
let asked = 0;

export const pack = {
	/** Undefined until there is one, kept or read. */
	get now(): CouponPack | undefined {
		return now;
	},
	/** The code of what stood in the way of the last reading; empty when it went well. */
	get problem(): string {
		return problem;
	},
	get version(): number {
		return version;
	},
	find(id: string): Coupon | undefined {
		return now?.held.find((coupon) => coupon.id === id) ?? now?.past.find((coupon) => coupon.id === id);
	},
	/** The one of a campaign that one has or used, for "Got it". */
	ofCampaign(campaign: string): Coupon | undefined {
		const is = (coupon: Coupon) => coupon.campaign.id === campaign && coupon.state !== 'given';
		return now?.held.find(is) ?? now?.past.find(is);
	}
};

/** Whatever shows coupons says so; nothing is read before. */
export function needPack(): void {
	needed = true;
}

export async function loadPack(): Promise<void> {
	clearTimeout(timer);
	const turn = ++asked;
	try {
		const read = await request<CouponPack>('GET', '/coupons');
		// A later reading knows better.
		if (turn !== asked) return;
		show({ held: sorted(read.held), past: read.past });
		problem = '';
	} catch (error) {
		if (turn === asked) problem = codeOf(error) || 'unknown';
	}
}

/** It is gone at once, before the house tells of it. */
export function forget(id: string): void {
	if (now) show({ ...now, held: now.held.filter((coupon) => coupon.id !== id) });
}

function show(pack: CouponPack): void {
	now = pack;
	// Without a store (a private window) it is there while the page is.
	engine.keep(KEPT, pack).catch(() => undefined);
}

async function showKept(): Promise<void> {
	const turn = asked;
	const kept = await engine.kept<CouponPack>(KEPT).catch(() => undefined);
	if (kept && !now && turn === asked) now = kept;
}

engine.listen('coupons.changed', () => {
	if (!needed) return;
	version += 1;
	clearTimeout(timer);
	timer = setTimeout(() => void loadPack(), RENEW_AFTER_MS);
});

$effect.root(() => {
	$effect(() => {
		const me = engine.me?.person.id ?? '';
		const wanted = needed && !!me;
		const online = engine.status === 'online';
		untrack(() => {
			if (me !== owner) {
				owner = me;
				now = undefined;
				problem = '';
				asked += 1;
			}
			if (!wanted) return;
			void showKept().then(() => {
				if (!online) return;
				void loadPack();
				void compareClocks();
			});
			if (online) version += 1;
		});
	});
});
