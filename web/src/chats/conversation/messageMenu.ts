/** What one may do with a message: the same list for long press, right click and keyboard. */

import { house } from '$src/onboarding/house.svelte';
import { engine } from '$lib/engine';
import type { ShownMessage } from '$lib/engine/contract';
import { t } from '$lib/i18n';
import { ask, toast, type MenuItem } from '$lib/ui';
import { attempt } from '../attempt';
import { excerptOf, isSaid } from '../content/registry';
import type { Conversation } from './state.svelte';

/** As the server has it: after two days a text stays as it is. */
const EDIT_LIMIT_MS = 48 * 3_600_000;

export interface MenuContext {
	conversation: Conversation;
	forward: (messages: ShownMessage[]) => void;
}

export function textOf(message: ShownMessage): string {
	return message.content.kind === 'text' ? message.content.text : excerptOf(message);
}

export async function copyText(text: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(text);
		toast(t('chats.copied'));
	} catch {
		toast(t('chats.notCopied'), { kind: 'error' });
	}
}

export async function deleteMessages(chat: string, seqs: number[]): Promise<boolean> {
	const yes = await ask({
		title: t('chats.deleteTitle', { count: seqs.length }),
		text: t('chats.deleteText'),
		action: t('chats.delete'),
		danger: true
	});
	if (yes) await attempt(engine.deleteForMe(chat, seqs));
	return yes;
}

export function canReact(message: ShownMessage): boolean {
	const chat = engine.chat(message.chat);
	return message.seq > 0 && isSaid(message) && !['left', 'blocked', 'apart'].includes(chat?.cannotWriteBecause ?? '');
}

function mayEdit(message: ShownMessage): boolean {
	return message.mine && message.content.kind === 'text' && !message.forward && Date.now() < message.at + EDIT_LIMIT_MS;
}

/** One's own within the house's limit (unknown without a network, then the server decides), an admin anyone's. */
function mayRecall(message: ShownMessage, isAdmin: boolean): boolean {
	const limit = house.now?.limits.recall_limit_ms ?? Infinity;
	return isAdmin || (message.mine && Date.now() < message.at + limit);
}

export function menuOf(message: ShownMessage, { conversation, forward }: MenuContext): (MenuItem | 'line' | false)[] {
	const { chat, seq } = message;
	if (!seq) {
		const nonce = message.nonce ?? '';
		const failed = message.state === 'failed';
		return [
			failed && { label: t('chats.retry'), icon: 'recall', onclick: () => engine.retry(chat, nonce) },
			{ label: t('chats.copy'), icon: 'copy', onclick: () => void copyText(textOf(message)) },
			failed && { label: t('chats.discard'), icon: 'trash', danger: true, onclick: () => engine.discard(chat, nonce) }
		];
	}
	const remove: MenuItem = { label: t('chats.deleteForMe'), icon: 'trash', onclick: () => void deleteMessages(chat, [seq]) };
	if (!isSaid(message)) return [remove];
	const canWrite = !!conversation.chat?.canWrite;
	return [
		canWrite && { label: t('chats.reply'), icon: 'reply', onclick: () => conversation.reply(message, excerptOf(message)) },
		{ label: t('chats.copy'), icon: 'copy', onclick: () => void copyText(textOf(message)) },
		{ label: t('chats.forward'), icon: 'forward', onclick: () => forward([message]) },
		canWrite && mayEdit(message) && { label: t('chats.edit'), icon: 'edit', onclick: () => conversation.edit(message) },
		{ label: t('chats.select'), icon: 'select', onclick: () => conversation.select(seq) },
		'line',
		mayRecall(message, conversation.isAdmin) && {
			label: t('chats.recall'),
			icon: 'recall',
			onclick: async () => {
				conversation.keepRecalled(message);
				await attempt(engine.recall(chat, seq));
			}
		},
		{ ...remove, danger: true }
	];
}
