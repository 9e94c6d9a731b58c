/** An entry of the history in words: what it was, with whom, and what its sign is. */

import { engine } from '$lib/engine';
import type { Person } from '$lib/engine/types';
import { t } from '$lib/i18n';
import type { IconName } from '$lib/ui';
import { monthOf } from './months';
import type { Entry, EntryKind } from './types';

/** What a filter offers: kinds that belong together. */
export const GROUPS: Record<string, EntryKind[]> = {
	payments: ['payment', 'contact', 'merchant', 'refund', 'take_out', 'split'],
	packets: ['packet', 'packet_share', 'packet_return'],
	cash: ['cash_in', 'cash_out'],
	card: ['card_in', 'card_refund'],
	bank: ['bank_out', 'bank_return'],
	bills: ['bill', 'coupon', 'call'],
	other: ['fee', 'correction', 'cash_difference', 'other']
};

const ICONS: Record<EntryKind, IconName> = {
	other: 'circle',
	payment: 'qr',
	contact: 'send',
	packet: 'packet',
	packet_share: 'packet',
	packet_return: 'recall',
	cash_in: 'cash',
	cash_out: 'cash',
	card_in: 'card',
	card_refund: 'card',
	bank_out: 'bank',
	bank_return: 'bank',
	fee: 'tag',
	correction: 'edit',
	cash_difference: 'edit',
	bill: 'bill',
	coupon: 'tag',
	call: 'mic',
	merchant: 'tag',
	refund: 'recall',
	take_out: 'cash',
	settlement: 'bank',
	split: 'group'
};

export const iconOf = (kind: EntryKind): IconName => ICONS[kind] ?? 'circle';
/** A kind that this client does not know yet is `other`. */
export const kindText = (kind: EntryKind): string => t(`wallet.kind_${kind in ICONS ? kind : 'other'}`);

/** The other person's name, as one calls them; empty when there is none. */
export function otherName(entry: Entry, people: ReadonlyMap<string, Person>): string {
	return entry.other ? engine.nameOf(entry.other) || people.get(entry.other)?.name || '' : '';
}

/** The other person, for their picture. */
export function otherPerson(entry: Entry, people: ReadonlyMap<string, Person>): Person | undefined {
	return entry.other ? (people.get(entry.other) ?? engine.person(entry.other)) : undefined;
}

/** With its month, by which it is found again. */
export const entryPath = ({ currency, at, number }: Entry): string =>
	`/wallet/history/${currency}/${monthOf(at)}/${number}`;
