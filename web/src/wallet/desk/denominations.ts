/** What lies in a drawer: the notes and coins of a currency, in minor units, the largest first. */

import { exponentOf } from '../money';

const KNOWN: Record<string, number[]> = {
	EUR: [500_00, 200_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5, 2, 1],
	USD: [100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 25, 10, 5, 1],
	GBP: [50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5, 2, 1],
	CHF: [1000_00, 200_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5],
	CNY: [100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10],
	RUB: [5000_00, 2000_00, 1000_00, 500_00, 200_00, 100_00, 50_00, 10_00, 5_00, 2_00, 1_00, 50, 10],
	JPY: [10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 1]
};

/** Of a currency that is not listed: the steps that most have. */
const STEPS = [500, 200, 100, 50, 20, 10, 5, 2, 1];

export function denominationsOf(currency: string): number[] {
	const unit = 10 ** exponentOf(currency);
	return KNOWN[currency] ?? STEPS.map((step) => step * unit);
}
