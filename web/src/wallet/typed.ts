/** Sums as somebody types them. */

import { formatNumber } from '$lib/i18n';
import { exponentOf } from './money';

/** Minor units as one would type them, with the separator of the person's language: `12,50`. */
export function typedMoney(amount: number, currency: string): string {
	const digits = exponentOf(currency);
	const text = String(amount).padStart(digits + 1, '0');
	return digits ? text.slice(0, -digits) + decimalSign() + text.slice(-digits) : text;
}

/** What stands between units and hundredths in the person's language. */
export function decimalSign(): string {
	return formatNumber(0.5, { minimumFractionDigits: 1 }).replace(/[^.,]/g, '') || '.';
}

/** The sign of a currency, and whether it stands before the digits in the person's language. */
export function signOf(currency: string): { sign: string; before: boolean } {
	const written = formatNumber(1, { style: 'currency', currency, maximumFractionDigits: 0, currencyDisplay: 'narrowSymbol' });
	const sign = written.replace(/[\d\s\u00a0\u202f.,\u200e\u200f]/g, '');
	return { sign: sign || currency, before: written.trimStart().startsWith(sign) };
}
