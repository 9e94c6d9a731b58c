/** What the house refuses at the desk, in plain words; all else as codes and the wallet say it. */

import { codeOf, t } from '$lib/i18n';
import { codeProblem } from '../codes/problem';
import { formatMoney, type Money } from '../money';

const WORDS: Record<string, string> = {
	not_a_cashier: 'desk.not_cashier',
	own_customer: 'desk.own_customer',
	second_cashier_needed: 'desk.second_needed',
	drawer_empty: 'desk.drawer_short',
	safe_empty: 'desk.safe_short',
	operation_over: 'desk.operation_over',
	no_such_operation: 'desk.no_operation',
	no_such_customer: 'desk.nobody',
	not_found: 'desk.nobody',
	desk_busy: 'desk.busy',
	bad_take: 'desk.bad_take',
	wallet_full: 'desk.wallet_full',
	insufficient_funds: 'desk.customer_short'
};

export function deskProblem(error: unknown, money?: Pick<Money, 'currency'>): string {
	const code = codeOf(error);
	const available = (error as { fields?: { available?: unknown } })?.fields?.available;
	if ((code === 'drawer_empty' || code === 'safe_empty') && money && typeof available === 'number') {
		const sum = formatMoney({ amount: available, currency: money.currency });
		return t(code === 'drawer_empty' ? 'desk.drawer_has' : 'desk.safe_has', { sum });
	}
	const words = WORDS[code];
	return words ? t(words) : codeProblem(error, money);
}
