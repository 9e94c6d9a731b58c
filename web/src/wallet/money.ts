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
