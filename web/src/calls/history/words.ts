/** Calls of the history in plain words. */

import { engine } from '$lib/engine';
import { formatList, t } from '$lib/i18n';
import type { IconName } from '$lib/ui';
import { clock } from '$src/chats/media/time';
import { lineOf } from '../phone/words';
import type { CallRecord } from './records.svelte';

export const missed = (record: CallRecord): boolean => record.direction === 'in' && record.outcome !== 'answered';

/** Who was at the other end. */
export function whoOf(record: CallRecord): string {
	if (record.kind === 'phone') return lineOf({ number: record.number, formatted: record.number });
	const chat = engine.chat(record.chat ?? '');
	if (chat && chat.kind !== 'direct') return chat.title;
	return formatList((record.people ?? []).map((person) => engine.nameOf(person))) || chat?.title || t('history.somebody');
}

export function iconOf(record: CallRecord): IconName {
	return record.kind === 'phone' ? 'dial' : record.video ? 'film' : 'call';
}

/** How it went: `Outgoing · 3:12`, `Missed`, `Outgoing · busy`. */
export function outcomeOf(record: CallRecord): string {
	if (missed(record)) return t(record.outcome === 'declined' ? 'history.declined_in' : 'history.missed');
	const way = t(`history.${record.direction}`);
	if (record.outcome === 'answered') return `${way} · ${clock((record.seconds ?? 0) * 1000)}`;
	if (record.kind === 'phone' && record.reason) return `${way} · ${t(`phone.reason_${record.reason}`)}`;
	return `${way} · ${t(`history.outcome_${record.outcome || 'answered'}`)}`;
}
