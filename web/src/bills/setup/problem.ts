/** What the house refuses of billers, in plain words. */

import { codeOf, t } from '$lib/i18n';
import { problemOf } from '../../wallet/problem';

const KNOWN = new Set([
	'handle_taken', 'bad_check', 'bad_key', 'bad_address', 'not_a_file_biller', 'unknown_file', 'nothing_owed',
	'no_bank_account', 'file_invalid', 'bank_file_invalid', 'currency_not_paid_out', 'too_large', 'bad_iban', 'too_many_billers'
]);

export function setupProblem(error: unknown): string {
	const code = codeOf(error);
	const detail = (error as { detail?: unknown } | undefined)?.detail;
	const words = KNOWN.has(code) ? t(`setup.problem_${code}`) : problemOf(error);
	return code === 'unknown_file' && typeof detail === 'string' && detail ? `${words} ${detail}` : words;
}
