/** How a carrier is dialled, shown by one number of Berlin (teahouse/calls/phone/trunks/dialling.py does it). */

import type { TrunkFormat } from '../lines/types';

export const EXAMPLE = '+49 30 123456';
const COUNTRY = 'DE';
const DIGITS = '4930123456';
const NATIONAL = '030123456';

/** The example as it is dialled; `country` is the house's: elsewhere than in Germany it is foreign. */
export function dialled(format: TrunkFormat, prefix: string, country: string): string {
	const ways: Record<TrunkFormat, string> = {
		plus: `+${DIGITS}`,
		digits: DIGITS,
		double_zero: `00${DIGITS}`,
		national: country === COUNTRY ? NATIONAL : `00${DIGITS}`
	};
	return prefix + ways[format];
}
