/** What a coupon is worth, in words. */

import { formatNumber, t } from '$lib/i18n';
import { formatMoney } from '../wallet/money';
import type { Worth } from './types';

export function worthText({ offer, currency, amount = 0, percent = 0, item = '', buy = 0, get = 0 }: Worth): string {
	const sum = formatMoney({ amount, currency });
	if (offer === 'percent_off') {
		const off = formatNumber(percent / 100, { style: 'percent' });
		return amount ? t('merchants.worth_percent_most', { off, sum }) : t('merchants.worth_percent', { off });
	}
	if (offer === 'free_item') return t('merchants.worth_item', { item });
	if (offer === 'buy_x_get_y') return t('merchants.worth_buy', { buy, get, item });
	return t(offer === 'cash' ? 'merchants.worth_cash' : 'merchants.worth_amount', { sum });
}
