/** Get one of a campaign's coupons. */

import { engine } from '$lib/engine';
import { newKey } from '../wallet/key';
import { codeOf } from '$lib/i18n';
import { loadPack } from './pack.svelte';

export interface Claimed {
	coupon: string;
	expires_at: number;
	left: number;
}

/** Keys of claims that nobody knows to have arrived: pressed once more they are the same claim. */
const unanswered = new Map<string, string>();

export async function claim(campaign: string): Promise<Claimed> {
	const key = unanswered.get(campaign) ?? newKey();
	unanswered.set(campaign, key);
	try {
		const claimed = await engine.command<Claimed>('coupon.claim', { key, campaign });
		unanswered.delete(campaign);
		void loadPack();
		return claimed;
	} catch (error) {
		if (codeOf(error) !== 'offline') unanswered.delete(campaign);
		throw error;
	}
}
