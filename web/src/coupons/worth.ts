/** What a coupon is worth, in words. */

import { formatNumber, t } from '$lib/i18n';
import { exponentOf } from '../wallet/money';
import type { Worth } from './types';

type Offered = Pick<Worth, 'offer' | 'currency'> & Partial<Worth>;

/** `10 €`, `2,50 €`: a ticket says whole sums without their noughts. */
export function formatSum(amount: number, currency: string): string {
	const digits = exponentOf(currency);
	const whole = amount % 10 ** digits === 0;
	return formatNumber(amount / 10 ** digits, {
		style: 'currency',
		currency,
		minimumFractionDigits: whole ? 0 : digits,
		maximumFractionDigits: whole ? 0 : digits,
		currencyDisplay: 'narrowSymbol'
	});
}

/** The few words in large letters: "10 € off", "2 + 1 free". */
export function headlineOf({ offer, currency, amount = 0, percent = 0, buy = 0, get = 0 }: Offered): string {
	if (offer === 'percent_off') return t('coupons.worth_percent', { off: formatNumber(percent / 100, { style: 'percent' }) });
	if (offer === 'free_item') return t('coupons.worth_item');
	if (offer === 'buy_x_get_y') return t('coupons.worth_buy', { buy: formatNumber(buy), get: formatNumber(get) });
	return offer === 'cash' ? formatSum(amount, currency) : t('coupons.worth_amount', { sum: formatSum(amount, currency) });
}

/** What belongs to it in small ones: of what, how much at most, from which basket on. */
export function detailsOf({ offer, currency, amount = 0, item = '', min_spend = 0 }: Offered): string[] {
	const parts: string[] = [];
	if (offer === 'percent_off' && amount) parts.push(t('coupons.worth_most', { sum: formatSum(amount, currency) }));
	if (offer === 'cash') parts.push(t('coupons.worth_cash'));
	if (item) parts.push(item);
	if (min_spend) parts.push(t('coupons.worth_from', { sum: formatSum(min_spend, currency) }));
	return parts;
}

/** How much room words take, in Latin letters: Chinese characters take twice as much. */
export function roomOf(words: string): number {
	return [...words].reduce((room, letter) => room + (/[\u2e80-\uffef]/.test(letter) ? 2 : 1), 0);
}
