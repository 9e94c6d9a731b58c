/** How a call went for who reads of it: what the caller cancelled the called missed. */

import { engine } from '$lib/engine';
import type { CallContent } from '$lib/engine/types';
import { t } from '$lib/i18n';

/** One missed a call that one could have answered. */
export function wasMissed({ outcome = '' }: CallContent, sender: string): boolean {
	return sender !== engine.me?.person.id && ['missed', 'no_answer', 'cancelled', 'busy'].includes(outcome);
}

export function callLine(call: CallContent, sender: string, group = false): string {
	const { outcome = '', video = false } = call;
	if (!outcome) return t('chats.callGoesOn');
	if (wasMissed(call, sender)) return t(video ? 'chats.callMissedVideo' : 'chats.callMissed');
	switch (outcome) {
		case 'answered': {
			if (group) return t(video ? 'chats.callGroupVideo' : 'chats.callGroup');
			const mine = sender === engine.me?.person.id;
			if (mine) return t(video ? 'chats.callOutVideo' : 'chats.callOut');
			return t(video ? 'chats.callInVideo' : 'chats.callIn');
		}
		case 'declined':
			return t('chats.callDeclined');
		case 'busy':
			return t('chats.callBusy');
		case 'cancelled':
			return t('chats.callCancelled');
		case 'failed':
			return t('chats.callFailed');
		default:
			return t('chats.callNoAnswer');
	}
}
