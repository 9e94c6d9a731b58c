/** One's own desk: the drawer, today's operations, and what waits for a second cashier; kept up by what is told. */

import { request } from '$lib/api';
import { engine } from '$lib/engine';
import { formatNumber } from '$lib/i18n';
import { currencies } from '../wallet.svelte';
import { deskProblem } from './problem';
import type { CashOperation, Desk } from './types';

/** What happens at other desks comes in bursts: one reading serves all of it. */
const SOON_MS = 200;

let now = $state.raw<Desk>();
let problem = $state('');
let timer: ReturnType<typeof setTimeout> | undefined;
let asked = 0;

export const desk = {
	get now(): Desk | undefined {
		return now;
	},
	/** Why it could not be read, in words. */
	get problem(): string {
		return problem;
	}
};

export async function loadDesk(): Promise<void> {
	const turn = ++asked;
	try {
		const read = await request<Desk>('GET', '/wallet/desk');
		if (turn !== asked) return;
		now = read;
		problem = '';
	} catch (error) {
		if (turn === asked) problem = deskProblem(error);
	}
}

/** Shows what became of an operation at once, and reads the desk again for the sums. */
function heard({ operation }: { operation: CashOperation }): void {
	if (now) {
		const others = now.waiting.filter(({ id }) => id !== operation.id);
		const waiting = operation.state === 'confirm' ? [...others, operation] : others;
		const operations = now.operations.map((known) => (known.id === operation.id ? operation : known));
		now = { ...now, waiting, operations };
	}
	clearTimeout(timer);
	timer = setTimeout(loadDesk, SOON_MS);
}

/** Begin to follow the desk; returns how to stop. */
export function followDesk(): () => void {
	const stop = engine.listen('cash.changed', heard);
	return () => {
		clearTimeout(timer);
		stop();
	};
}

/** What the ledger says is in the drawer, in minor units. */
export function drawerOf(currency: string): number {
	return now?.drawers.find((drawer) => drawer.currency === currency)?.amount ?? 0;
}

/** Above this sum a second cashier confirms. */
export function confirmAbove(currency: string): number | undefined {
	return now?.confirm_above.find((limit) => limit.currency === currency)?.amount;
}

/** The currency that the last customer was served in comes first. */
let lastCurrency = '';

export function usualCurrency(): string {
	return currencies().includes(lastCurrency) ? lastCurrency : (currencies()[0] ?? '');
}

export function rememberCurrency(currency: string): void {
	lastCurrency = currency;
}

/** Receipt 12 as `No. 00012`, as receipts are filed. */
export function receiptNumber(receipt: number): string {
	return formatNumber(receipt, { minimumIntegerDigits: 5, useGrouping: false });
}
