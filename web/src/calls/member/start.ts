/** The ways into a call from other rooms, which fetch this file when somebody taps. */

import { request } from '$lib/api';
import { engine } from '$lib/engine';
import { laterWords } from '$lib/i18n';
import { calls } from './calls.svelte';
import { PEOPLE_MAX, type OpenCalls } from './types';

/** Call a chat; of a large group one chooses whom. */
export async function startCall(chat: string, video: boolean): Promise<void> {
	await laterWords();
	const group = engine.chat(chat);
	if (group && group.kind !== 'direct' && group.member_count > PEOPLE_MAX) {
		calls.picking = { chat, video };
	} else await calls.start(chat, video);
}

/** Join a call that goes on, by the card of it in a chat. */
export async function joinCall(call: { id: string; chat: string }): Promise<void> {
	await laterWords();
	const askedAt = Date.now();
	// Whether one is in it on another device, which then leaves.
	if (!calls.open.has(call.id)) {
		await request<OpenCalls>('GET', '/calls/open').then(
			(open) => calls.looked(open, askedAt),
			() => {
				// Joining says that the house is away.
			}
		);
	}
	await calls.answer(call, false, { takeOver: calls.elsewhere.some(({ id }) => id === call.id) });
}
