/** Refusals of bills in plain words, else the wallet's. */

import { codeOf, t } from '$lib/i18n';
import type { Money } from '$src/wallet/money';
import { problemOf } from '$src/wallet/problem';

const OWN = new Set([
	'amount_not_taken',
	'bill_under_way',
	'bill_changed',
	'biller_away',
	'biller_not_trusted',
	'biller_paused',
	'no_such_bill_payment',
	'no_such_biller',
	'no_such_customer',
	'no_such_receipt',
	'no_such_saved_bill',
	'not_paid',
	'too_many_saved_bills',
	'no_autopay',
	'wrong_customer_field'
]);

export function billProblem(problem: unknown, money?: Pick<Money, 'currency'>): string {
	const code = codeOf(problem);
	return OWN.has(code) ? t(`bills.problem_${code}`) : problemOf(problem, money);
}
