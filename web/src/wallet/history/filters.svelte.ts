/** What the history shows: kept while the client is open, so that one comes back from an entry to the same list. */

import { engine } from '$lib/engine';
import { shown } from '../currency.svelte';
import { Entries } from '../entries.svelte';
import { GROUPS } from '../entry';

const none = { direction: '' as '' | 'in' | 'out', group: '', month: '' };
let chosen = $state({ ...none });

export const filters = {
	get direction() {
		return chosen.direction;
	},
	set direction(direction) {
		chosen.direction = direction;
	},
	/** A group of kinds; empty: all. */
	get group() {
		return chosen.group;
	},
	set group(group) {
		chosen.group = group;
	},
	get month() {
		return chosen.month;
	},
	set month(month) {
		chosen.month = month;
	},
	clear(): void {
		chosen = { ...none };
	}
};

let kept: { key: string; entries: Entries } | undefined;

/** The entries that fit, as far as they were read before. */
export function entriesShown(): Entries {
	const { direction, group, month } = filters;
	const key = [engine.me?.person.id, shown.currency, direction, group, month].join(' ');
	if (kept?.key !== key) {
		const kinds = GROUPS[group]?.join(',');
		kept = { key, entries: new Entries({ currency: shown.currency, direction, kinds, month }) };
	}
	return kept.entries;
}

/** Where one was in the list when one opened an entry; 0 when one came otherwise. */
export const place = { top: 0, atEntry: false };
