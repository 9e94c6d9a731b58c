/** Money as the house counts it: integer minor units of an ISO 4217 currency. Never a float on the way to the house. */

import { formatNumber } from '$lib/i18n';

export interface Money {
	amount: number;
	currency: string;
}

/** Decimal places of a currency, as ISO 4217 and the browser know them. */
export function exponentOf(currency: string): number {
	return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
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
