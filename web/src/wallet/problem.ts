/** Refusals of the wallet in plain words, by their stable code. */

import { codeOf, formatDateTime, formatTime, problemText, t } from '$lib/i18n';
import { formatMoney, type Money } from './money';

const DAY_MS = 86_400_000;

/** Codes whose words need nothing else. */
const WORDS: Record<string, string> = {
	insufficient_funds: 'wallet.problem_funds',
	limit_exceeded: 'wallet.problem_limit',
	wallet_full: 'wallet.problem_full',
	approval_needed: 'wallet.problem_approval',
	key_reused: 'wallet.problem_key',
	bad_amount: 'wallet.problem_amount',
	pay_yourself: 'wallet.problem_self',
	not_payable: 'wallet.problem_not_payable',
	no_such_currency: 'wallet.problem_currency',
	no_wallet: 'wallet.problem_none',
	no_such_code: 'wallet.problem_code',
	charge_over: 'wallet.problem_charge_over',
	no_such_charge: 'wallet.problem_charge_over',
	transfer_over: 'wallet.problem_transfer_over',
	wrong_pin: 'wallet.problem_pin',
	pin_locked: 'wallet.problem_locked',
	pin_missing: 'wallet.problem_no_pin',
	pin_too_easy: 'wallet.pin_easy',
	proof_needed: 'wallet.problem_proof',
	wrong_credentials: 'wallet.problem_password',
	passkey_refused: 'wallet.problem_passkey',
	already_verified: 'wallet.problem_verified',
	bank_off: 'wallet.withdraw_off_text',
	bad_iban: 'wallet.problem_iban',
	iban_not_sepa: 'wallet.problem_not_sepa',
	currency_not_paid_out: 'wallet.problem_euros_only',
	too_much_for_bank: 'wallet.problem_too_much',
	bad_bank_name: 'wallet.problem_bank_name',
	too_many_withdrawals: 'wallet.problem_too_many',
	withdrawal_over: 'wallet.problem_in_file',
	card_off: 'wallet.problem_card_off',
	card_away: 'wallet.problem_card_away',
	card_refused: 'wallet.problem_card_refused',
	too_many_top_ups: 'wallet.problem_top_ups',
	no_such_top_up: 'wallet.problem_no_top_up',
	month_too_long: 'wallet.problem_month',
	offline: 'wallet.problem_offline'
};

const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
const fieldsOf = (problem: unknown) => (problem as { fields?: Record<string, unknown> } | undefined)?.fields ?? {};

/** A moment of today as its time, another with its date. */
export function formatUntil(at: number): string {
	return at - Date.now() < DAY_MS / 2 ? formatTime(at) : formatDateTime(at);
}

/** What went wrong. `money` is what was to be moved: sums in the refusal are of its currency. */
export function problemOf(problem: unknown, money?: Pick<Money, 'currency'>): string {
	const code = codeOf(problem);
	const fields = fieldsOf(problem);
	const currency = typeof fields.currency === 'string' ? fields.currency : money?.currency;
	const sum = (name: string) => {
		const amount = number(fields[name]);
		return amount !== undefined && currency ? formatMoney({ amount, currency }) : undefined;
	};
	const available = sum('available');
	if (code === 'insufficient_funds' && available) return t('wallet.problem_funds_left', { available });
	const [most, left] = [sum('max'), sum('left')];
	if (code === 'limit_exceeded' && most && fields.which === 'payment') return t('wallet.problem_limit_payment', { most });
	if (code === 'limit_exceeded' && most && left) return t('wallet.problem_limit_day', { most, left });
	const tries = number(fields.left);
	if (code === 'wrong_pin' && tries !== undefined) return t('wallet.problem_pin_left', { count: tries });
	const until = number(fields.until);
	if (code === 'pin_locked' && until) return t('wallet.problem_locked_until', { until: formatUntil(until) });
	return problemText(problem, WORDS);
}
