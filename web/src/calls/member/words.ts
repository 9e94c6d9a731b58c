/** What a call is doing, and how it ended, in words. */

import { engine } from '$lib/engine';
import { codeOf, formatList, problemText, t } from '$lib/i18n';
import type { End, Talk } from './talk.svelte';

const OWN = {
	call_crowded: 'member.crowded',
	chat_too_large: 'member.tooLarge',
	in_another_chat: 'member.tooLarge',
	call_over: 'member.end_left',
	call_elsewhere: 'member.end_moved',
	apart: 'member.apart',
	not_contacts: 'member.apart',
	blocked: 'member.apart',
	blocked_by_you: 'member.apart',
	forbidden: 'member.apart',
	no_calls_here: 'member.apart',
	nobody_to_ring: 'member.apart',
	not_a_member: 'member.apart',
	too_many_calls: 'member.tooMany'
};

const ENDS: Record<End, string> = {
	'': 'member.end_left',
	answered: 'member.end_answered',
	cancelled: 'member.end_cancelled',
	missed: 'member.end_no_answer',
	no_answer: 'member.end_no_answer',
	declined: 'member.end_declined',
	busy: 'member.end_busy',
	failed: 'member.end_failed',
	left: 'member.end_left',
	moved: 'member.end_moved',
	refused: 'member.end_failed'
};

/** Whom the call is with, or where. */
export function nameOf(talk: Pick<Talk, 'chat'>): string {
	return engine.chat(talk.chat)?.title ?? t('member.call');
}

export function endWords(talk: Talk): string {
	if (talk.end === 'refused' && codeOf(talk.refusal)) return problemText(talk.refusal, OWN);
	const words = t(ENDS[talk.end ?? '']);
	return talk.time.running && talk.end !== 'moved' ? `${words} · ${talk.time.text}` : words;
}

/** How it stands, in a word or two: `Ringing…`, `0:42`. */
export function stateWords(talk: Talk): string {
	switch (talk.phase) {
		case 'ended':
			return endWords(talk);
		case 'held':
			return t('member.held');
		case 'talking': {
			const [only] = talk.others;
			return talk.others.length === 1 && only?.said.held ? t('member.heldByOther') : talk.time.text;
		}
		default:
			return t(`member.phase_${talk.phase}`);
	}
}

/** The same for who hears the page: a clock that ticks would be read out every second. */
export function saidState(talk: Talk): string {
	return talk.phase === 'talking' && !talk.others.some(({ said }) => said.held) ? t('member.talking') : stateWords(talk);
}

/** Who is in it besides oneself. */
export function whoWords(talk: Talk): string {
	return formatList(talk.people.map((person) => engine.nameOf(person)));
}
