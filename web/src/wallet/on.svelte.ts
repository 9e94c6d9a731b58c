/** Whether this house has a wallet: all that is known of it before one opens it. */

const STORED = 'teahouse.currencies';

function stored(): string[] {
	try {
		return localStorage.getItem(STORED)?.split(' ').filter(Boolean) ?? [];
	} catch {
		return [];
	}
}

let known = $state.raw(stored());

/** The house's currencies, its main one first; none: it has no wallet. */
export const currencies = (): string[] => known;

export const walletOn = (): boolean => known.length > 0;

/** What the house said last; kept for the next visit. */
export function setCurrencies(said: string[]): void {
	known = said;
	try {
		localStorage.setItem(STORED, said.join(' '));
	} catch {
		// Storage is closed to us (private window): the place shows a moment later next time.
	}
}
