import { formatNumber, t } from '$lib/i18n';
import { formatMoney } from '../../wallet/money';
import type { Tariff } from '../types';

const BASIS_POINTS = 10_000;

/** `1.2 % + 0.10 €`. */
export function tariffText({ share = 0, fixed = 0 }: Tariff, currency: string): string {
	const part = formatNumber(share / BASIS_POINTS, { style: 'percent', maximumFractionDigits: 2 });
	const sum = formatMoney({ amount: fixed, currency });
	if (share && fixed) return t('sellers.tariff_both', { part, sum });
	return share ? part : fixed ? sum : t('sellers.tariff_none');
}
