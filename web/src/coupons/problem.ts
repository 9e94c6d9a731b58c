/** What the house refuses about coupons, in plain words; all else as the wallet says it. */

import { codeOf, t } from '$lib/i18n';
import { problemOf } from '../wallet/problem';

/** Codes whose words are `coupons.problem_<code>`. */
const KNOWN = new Set([
	'campaign_empty', 'enough_claimed', 'campaign_paused', 'campaign_over', 'no_such_campaign', 'no_such_coupon', 'coupon_given',
	'coupon_waits', 'coupon_used', 'coupon_expired', 'not_givable', 'not_to_service', 'not_a_member', 'not_in_channels', 'no_passes',
	'other_merchant', 'coupon_too_early', 'not_at_this_hour', 'not_at_this_counter', 'coupon_currency', 'below_min_spend', 'nothing_off'
]);
/** One may not write in the chat now. */
const CHAT = new Set(['muted', 'announcement_only', 'apart', 'leads_only']);

/** Whether it is coupons that say it. */
export const isOfCoupons = (code: string): boolean => KNOWN.has(code);

export function couponProblem(error: unknown): string {
	const code = codeOf(error);
	if (KNOWN.has(code)) return t(`coupons.problem_${code}`);
	return CHAT.has(code) ? t(`chats.refused_${code}`) : problemOf(error);
}
