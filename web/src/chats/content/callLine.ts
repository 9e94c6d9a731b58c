/** How a call went for who reads of it: what the caller cancelled the called missed. */

import { engine } from '$lib/engine';
import type { CallContent } from '$lib/engine/types';
import { t } from '$lib/i18n';

/** One missed a call that one could have answered. */
export function wasMissed({ outcome = '' }: CallContent, sender: string): boolean {
	return sender !== engine.me?.person.id && ['missed', 'no_answer', 'cancelled', 'busy'].includes(outcome);
}

export function callLine(call: CallContent, sender: string): string {
	const { outcome = '' } = call;
	const mine = sender === engine.me?.person.id;
	if (wasMissed(call, sender)) return t('chats.call_missed');
	if (outcome === 'answered') return t(`chats.call_${mine ? 'out' : 'in'}`);
	return t(`chats.call_${outcome === 'missed' ? 'no_answer' : outcome || 'on'}`);
}
