/** What the house refuses about codes, in plain words; all else in the wallet's. */

import { codeOf, t } from '$lib/i18n';
import type { Money } from '../money';
import { problemOf } from '../problem';

const WORDS: Record<string, string> = {
	not_a_code: 'codes.unknown',
	code_length: 'codes.damaged',
	code_field: 'codes.damaged',
	code_checksum: 'codes.forged',
	not_our_code: 'codes.other_system',
	other_house: 'codes.elsewhere',
	no_such_code: 'codes.over',
	code_differs: 'codes.differs',
	code_amount: 'codes.too_long',
	wrong_pay_code: 'codes.wrong_pay_code',
	pay_yourself: 'codes.own_text',
	not_payable: 'codes.not_payable',
	too_many_charges: 'codes.too_many'
};

export function codeProblem(error: unknown, money?: Pick<Money, 'currency'>): string {
	const words = WORDS[codeOf(error)];
	return words ? t(words) : problemOf(error, money);
}
