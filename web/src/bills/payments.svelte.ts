/** One's bill payments, newest first; what the biller answers meanwhile changes them in place. */

import { SvelteMap } from 'svelte/reactivity';
import { request } from '$lib/api';
import { engine } from '$lib/engine';
import type { BillPayment, BillPaymentPage } from './types';

const PAGE = 30;
const KEPT_MAX = 200;

/** By id, as they were told last: a page of one shows it at once. */
const known = new SvelteMap<string, BillPayment>();
let changes = $state(0);

/** A later word is never overwritten by an earlier one that came late: a payment that has ended stays so. */
export function note(payment: BillPayment): void {
	const before = known.get(payment.id);
	if (before && (before.ended_at ?? 0) > (payment.ended_at ?? 0)) return;
	known.set(payment.id, payment);
	while (known.size > KEPT_MAX) known.delete(known.keys().next().value ?? '');
}

export const payments = {
	get(id: string): BillPayment | undefined {
		return known.get(id);
	},
	/** Goes up whenever one changed: lists are read again. */
	get version(): number {
		return changes;
	}
};

engine.listen<{ payment: BillPayment }>('bill.changed', ({ payment }) => {
	note(payment);
	changes += 1;
});

/** @throws {Failure} */
export async function readPayment(id: string): Promise<BillPayment> {
	const payment = await request<BillPayment>('GET', `/bills/payments/${encodeURIComponent(id)}`);
	note(payment);
	return payment;
}

/** A part of them. `before` is the id of the last one shown. @throws {Failure} */
export async function readPayments(before = '', limit = PAGE): Promise<BillPaymentPage> {
	const query = new URLSearchParams({ limit: String(limit), ...(before && { before }) });
	const page = await request<BillPaymentPage>('GET', `/bills/payments?${query}`);
	page.payments.forEach(note);
	return page;
}
