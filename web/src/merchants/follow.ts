/** One order as it stands: by what is told, and read again when the house is back. */

import { request } from '$lib/api';
import { engine } from '$lib/engine';
import type { Order } from './types';

/** Calls `changed` with each newer state until the returned function is called. */
export function followOrder(id: string, changed: (order: Order) => void): () => void {
	return engine.listen<{ order: Order }>('order.changed', ({ order }) => {
		if (order.id === id) changed(order);
	});
}

export async function readOrder(id: string): Promise<Order | undefined> {
	try {
		return await request<Order>('GET', `/orders/${id}`);
	} catch {
		// The next event, or the next time we are online.
		return;
	}
}
