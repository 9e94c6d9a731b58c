/** A coupon changes hands: asked about before, for there is no way back. */

import { engine } from '$lib/engine';
import { t } from '$lib/i18n';
import { ask, toast } from '$lib/ui';
import type { Attempt } from '../wallet/key';
import { forget } from './pack.svelte';
import { couponProblem } from './problem';
import type { Coupon } from './types';
import { headlineOf } from './worth';

/** True once it is theirs. One attempt goes with one coupon and one receiver. */
export async function giveCoupon({ id, campaign }: Coupon, chat: string, to: string, attempt: Attempt): Promise<boolean> {
	const name = engine.nameOf(to);
	const question = {
		title: t('coupons.give_title', { name }),
		text: t('coupons.give_text', { what: `${headlineOf(campaign.worth)} · ${campaign.title}`, name }),
		action: t('coupons.give_yes')
	};
	if (!(await ask(question))) return false;
	const body = { coupon: id, chat, to };
	try {
		await engine.command('coupon.give', { key: attempt.keyOf(body), ...body });
		forget(id);
		toast(t('coupons.given_toast', { name }));
		return true;
	} catch (error) {
		toast(couponProblem(error), { kind: 'error' });
		return false;
	}
}
