/** What a coupon takes off a basket, as the house reckons it (docs/coupons.md); the house has the last word. */

import type { Worth } from './types';

type Offer = Pick<Worth, 'offer' | 'currency'> & Partial<Worth>;

/** Minor units off a basket. Undefined: it is not for this basket, or how much is found at the counter only. */
export function discountOf({ offer, currency, amount = 0, percent = 0, min_spend = 0 }: Offer, basket: number, of: string): number | undefined {
	if (currency !== of || basket < min_spend || basket <= 0 || offer === 'buy_x_get_y') return undefined;
	if (offer !== 'percent_off') return Math.min(amount, basket);
	// Integers all the way: 1,000,000,000,000 times 100 is far below 2^53.
	const off = Math.floor((basket * percent) / 100);
	return Math.min(amount ? Math.min(off, amount) : off, basket);
}
