/** What the house refuses its operator, in plain words; all else in the wallet's. */

import { codeOf, t } from '$lib/i18n';
import { problemOf } from '../problem';

const WORDS: Record<string, string> = {
	bad_limits: 'operator.bad_limits',
	too_many_cashiers: 'operator.too_many_cashiers',
	bank_off: 'operator.bank_off',
	currency_not_paid_out: 'operator.bank_currency',
	nothing_waits: 'operator.nothing_waits',
	no_such_file: 'operator.file_gone',
	file_settled: 'operator.file_over',
	bank_file_invalid: 'operator.file_invalid',
	not_found: 'operator.nobody'
};

export function houseProblem(error: unknown): string {
	const words = WORDS[codeOf(error)];
	return words ? t(words) : problemOf(error);
}
