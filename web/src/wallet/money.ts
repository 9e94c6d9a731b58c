/** Money as the house counts it: integer minor units of an ISO 4217 currency. Never a float on the way to the house. */

import { formatNumber } from '$lib/i18n';

export interface Money {
	amount: number;
	currency: string;
}

/** Not what the browser says: of a dozen currencies (COP, IQD …) it knows how they are spoken of, not ISO 4217. */
const WITHOUT_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF';
const WITH_THREE = 'BHD IQD JOD KWD LYD OMR TND';

/** Decimal places of a currency by ISO 4217, as the house counts (teahouse/money.py). */
export function exponentOf(currency: string): number {
	if (WITHOUT_DECIMALS.includes(currency)) return 0;
	return WITH_THREE.includes(currency) ? 3 : 2;
}

/** `12,50 €` as the person's language writes it. `sign`: with a plus, for what came in. */
export function formatMoney({ amount, currency }: Money, sign = false): string {
	const digits = exponentOf(currency);
	return formatNumber(amount / 10 ** digits, {
		style: 'currency',
		currency,
		minimumFractionDigits: digits,
		maximumFractionDigits: digits,
		currencyDisplay: 'narrowSymbol',
		signDisplay: sign ? 'exceptZero' : 'auto'
	});
}

/** Read what somebody typed, with a comma or a point: minor units, or undefined when it is no amount. */
export function parseMoney(text: string, currency: string): number | undefined {
	const digits = exponentOf(currency);
	const match = /^(\d{1,13})(?:[.,](\d*))?$/.exec(text.replace(/[\s\u00a0\u202f'’]/g, ''));
	if (!match || (match[2] ?? '').length > digits) return undefined;
	return Number((match[1] ?? '') + (match[2] ?? '').padEnd(digits, '0'));
}

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
