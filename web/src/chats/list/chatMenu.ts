/** What one may do with a chat without opening it: for right click, long press and the menu key. */

import { engine } from '$lib/engine';
import type { ShownChat } from '$lib/engine/contract';
import { t } from '$lib/i18n';
import { go } from '$lib/router.svelte';
import { ask, type MenuItem } from '$lib/ui';
import { attempt } from '../attempt';

/** The owner hands a chat over first, unless nobody else is there. */
export function mayLeave(chat: ShownChat): boolean {
	if (chat.kind === 'direct' || chat.left) return false;
	return engine.member(chat.id, engine.me?.person.id ?? '')?.role !== 'owner' || chat.member_count === 1;
}

export async function leaveChat(chat: ShownChat): Promise<void> {
	const yes = await ask({
		title: t('chats.leaveTitle', { name: chat.title }),
		text: t(chat.member_count === 1 ? 'chats.leaveLastText' : 'chats.leaveText'),
		action: t('chats.leave'),
		danger: true
	});
	if (!yes) return;
	if (await attempt(engine.command('chat.leave', { chat: chat.id }))) go('/chats');
}

export async function clearChat(chat: ShownChat): Promise<void> {
	const yes = await ask({
		title: t('chats.clearTitle', { name: chat.title }),
		text: t('chats.clearText'),
		action: t('chats.clear'),
		danger: true
	});
	if (yes) await attempt(engine.clear(chat.id));
}

export function chatMenu(chat: ShownChat): (MenuItem | 'line' | false)[] {
	const { id, muted, archived, pinned_at: pinned } = chat;
	const prefer = (preferences: Parameters<typeof engine.prefer>[1]) => () => void attempt(engine.prefer(id, preferences));
	return [
		!!chat.unread && { label: t('chats.markRead'), icon: 'delivered', onclick: () => engine.markRead(id, chat.last_seq) },
		!archived && {
			label: t(pinned ? 'chats.unpin' : 'chats.pin'),
			icon: pinned ? 'unpin' : 'pin',
			onclick: prefer({ pinned: !pinned })
		},
		{ label: t(muted ? 'chats.unmute' : 'chats.mute'), icon: muted ? 'unmute' : 'mute', onclick: prefer({ muted: !muted }) },
		{ label: t(archived ? 'chats.unarchive' : 'chats.archive'), icon: 'archive', onclick: prefer({ archived: !archived }) },
		'line',
		{ label: t('chats.clear'), icon: 'trash', danger: true, onclick: () => void clearChat(chat) },
		mayLeave(chat) && { label: t('chats.leave'), icon: 'leave', danger: true, onclick: () => void leaveChat(chat) }
	];
}
