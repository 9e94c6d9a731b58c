/**
 * Ask for a yes to a payment: `const approval = await confirmPayment({ title, payee, amount })`. What comes back goes
 * with the money command, from this device, within minutes; undefined when the person closed it.
 */

import type { Money } from '../money';
import type { Payee } from '../types';

export interface Question {
	/** What one does: "Send money", "Withdraw to bank". */
	title: string;
	payee?: Payee;
	amount: Money;
	note?: string;
	/** Said before the PIN is asked for, where something is to be thought of. */
	warning?: string;
	/** Somebody else asked for it: a button says no to them. */
	ondecline?: () => void;
}

export async function confirmPayment(what: Question): Promise<string | undefined> {
	const { openConfirm } = await import('./host');
	return openConfirm(what);
}
