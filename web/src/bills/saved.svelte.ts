/** One's saved bills: read when they are first looked at, again when the house says that they changed. */

import { untrack } from 'svelte';
import { request } from '$lib/api';
import { engine } from '$lib/engine';
import type { SavedBill } from './types';

let list = $state.raw<SavedBill[] | undefined>();
let owner = '';
let turn = 0;

export const saved = {
	/** Undefined until they were read. */
	get list(): SavedBill[] | undefined {
		return list;
	},
	get(id: string): SavedBill | undefined {
		return list?.find((bill) => bill.id === id);
	}
};

/** @throws {Failure} */
export async function loadSaved(): Promise<SavedBill[]> {
	const mine = ++turn;
	const read = await request<SavedBill[]>('GET', '/bills/saved');
	if (mine === turn) list = read;
	return read;
}

/** Put in what a command has answered, before the house tells of it. */
export function keepSaved(bill: SavedBill): void {
	list = [...(list ?? []).filter(({ id }) => id !== bill.id), bill];
}

export function dropSaved(id: string): void {
	list = list?.filter((bill) => bill.id !== id);
}

const renew = () => void (list && loadSaved().catch(() => undefined));
engine.listen('bills.changed', renew);

$effect.root(() => {
	$effect(() => {
		const me = engine.me?.person.id ?? '';
		const online = engine.status === 'online';
		untrack(() => {
			if (me !== owner) {
				owner = me;
				list = undefined;
				turn += 1;
			} else if (online) renew();
		});
	});
});
