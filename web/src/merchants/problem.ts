/** What the house refuses to merchants and at their counters, in plain words; all else as codes and the wallet say it. */

import { codeOf, t } from '$lib/i18n';
import { codeProblem } from '../wallet/codes/problem';
import type { Money } from '../wallet/money';

/** Codes whose words are `merchants.problem_<code>`. */
const KNOWN = new Set([
	'no_such_merchant', 'merchant_closed', 'no_such_counter', 'no_such_order', 'order_over', 'order_paid', 'refund_too_much',
	'takings_short', 'last_owner', 'too_many_keys', 'handle_taken', 'not_public', 'too_many_counters', 'wrong_code',
	'code_expired', 'code_used', 'coupon_over', 'coupon_reserved', 'not_here', 'not_now', 'below_min_spend', 'not_yet',
	'campaign_ended', 'no_such_campaign', 'no_such_coupon', 'bad_worth', 'stock_below_claimed', 'bad_window', 'proof_over',
	'is_live', 'key_reused', 'forbidden', 'nothing_off', 'quantity_needed', 'not_their_coupon', 'rate_limited'
]);

export function shopProblem(error: unknown, money?: Pick<Money, 'currency'>): string {
	return wordsOf(codeOf(error)) ?? codeProblem(error, money);
}

/** Why a coupon may not be used here and now. */
export function whyNot(code: string): string {
	return wordsOf(code) ?? t('merchants.problem_unusable');
}

function wordsOf(code: string): string | undefined {
	return KNOWN.has(code) ? t(`merchants.problem_${code}`) : undefined;
}
