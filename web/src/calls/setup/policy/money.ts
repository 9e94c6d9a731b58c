/** Sums of the house's first currency; a house that has none yet still counts them. */

import { formatMoney } from '$src/wallet/money';

/** What sums are counted in until there is a wallet. */
export const FALLBACK = 'EUR';

export const formatMoneyOf = (amount: number, currency: string): string => formatMoney({ amount, currency: currency || FALLBACK });
