/** What the house refuses to merchants and at their counters, in plain words; all else as coupons, codes and the wallet say it. */

import { codeOf, t } from '$lib/i18n';
import { couponProblem, isOfCoupons } from '../coupons/problem';
import { codeProblem } from '../wallet/codes/problem';
import type { Money } from '../wallet/money';

/** Codes whose words are `merchants.problem_<code>`. */
const KNOWN = new Set([
	'no_such_merchant', 'merchant_closed', 'not_your_role', 'operators_only', 'no_such_counter', 'not_staff',
	'no_staff_to_be', 'last_owner', 'too_many_merchants', 'too_many_staff', 'too_many_counters', 'too_many_keys',
	'not_enough_takings', 'handle_taken', 'no_such_order', 'order_over', 'order_asked', 'not_paid', 'refund_too_much',
	'wrong_currency', 'wrong_webhook_url', 'too_many_waiting', 'no_webhook', 'wrong_code', 'code_expired', 'code_used',
	'wrong_proof', 'title_needed', 'bad_worth', 'bad_window', 'bad_hours', 'bad_timezone', 'campaign_fixed',
	'campaign_not_so', 'redemption_has_order', 'key_reused'
]);

export function shopProblem(error: unknown, money?: Pick<Money, 'currency'>): string {
	const code = codeOf(error);
	if (KNOWN.has(code)) return t(`merchants.problem_${code}`);
	return isOfCoupons(code) ? couponProblem(error) : codeProblem(error, money);
}

/** Why a coupon may not be used here and now, by the code of the refusal. */
export function whyNot(code: string): string {
	if (KNOWN.has(code)) return t(`merchants.problem_${code}`);
	return isOfCoupons(code) ? couponProblem({ code }) : t('merchants.problem_unusable');
}
