/** What one may do with a message: the same list for long press, right click and keyboard. */

import { house } from '$src/onboarding/house.svelte';
import { engine } from '$lib/engine';
import type { ShownMessage } from '$lib/engine/contract';
import { t } from '$lib/i18n';
import { ask, toast, type MenuItem } from '$lib/ui';
import { attempt } from '../attempt';
import { excerptOf, isSaid, wordsOf } from '../content/kinds';
import { downloadsOf } from '../media/downloads';
import { download } from '../media/files';
import { mediaOf } from '../media/sending';
import type { Conversation } from './state.svelte';

/** As the server has it: after two days a text stays as it is. */
const EDIT_LIMIT_MS = 48 * 3_600_000;
/** Money and coupons stay where they were put. */
const MONEY = new Set(['transfer', 'red_packet', 'coupon', 'split', 'notice']);
const CAPTIONED = new Set(['picture', 'album', 'live_photo', 'video', 'file']);

export interface MenuContext {
	conversation: Conversation;
	forward: (messages: ShownMessage[]) => void;
}

export function textOf(message: ShownMessage): string {
	return wordsOf(message.content) || excerptOf(message);
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
	return message.seq > 0 && isSaid(message) && !['left', 'blocked', 'apart', 'service'].includes(chat?.cannotWriteBecause ?? '');
}

export function canForward({ content }: ShownMessage): boolean {
	return !MONEY.has(content.kind);
}

function mayEdit(message: ShownMessage): boolean {
	const { kind } = message.content;
	return message.mine && (kind === 'text' || CAPTIONED.has(kind)) && !message.forward && Date.now() < message.at + EDIT_LIMIT_MS;
}

/** Its maker, or an admin, as long as it is open. */
function mayClose({ content, mine, poll }: ShownMessage, isAdmin: boolean): boolean {
	if (content.kind !== 'poll' || poll?.closed) return false;
	return (mine || isAdmin) && (!content.closes_at || Date.now() < content.closes_at);
}

async function closePoll({ chat, seq }: ShownMessage): Promise<void> {
	const yes = await ask({ title: t('chats.pollCloseTitle'), text: t('chats.pollCloseText'), action: t('chats.pollClose') });
	if (yes) await attempt(engine.closePoll(chat, seq));
}

/** One's own within the house's limit (unknown without a network, then the server decides), an admin anyone's. */
function mayRecall(message: ShownMessage, isAdmin: boolean): boolean {
	if (MONEY.has(message.content.kind)) return false;
	const limit = house.now?.limits.recall_limit_ms ?? Infinity;
	return isAdmin || (message.mine && Date.now() < message.at + limit);
}

/** Each file of it that people keep: of an album one of each picture. */
function downloads(message: ShownMessage): MenuItem[] {
	const { content, at } = message;
	if (content.kind === 'album') {
		const each = () => content.items.forEach(({ kind, media }) => {
			const [best] = downloadsOf(kind, media);
			if (best) download(media, best.file, at);
		});
		return [{ label: t('chats.mediaDownload'), icon: 'download', onclick: each }];
	}
	const [media] = mediaOf(message);
	if (!media) return [];
	const [best, ...others] = downloadsOf(content.kind, media);
	const original = others.find(({ file }) => file.variant === 'original');
	return [
		...(best ? [{ label: t('chats.mediaDownload'), icon: 'download' as const, onclick: () => download(media, best.file, at) }] : []),
		...(original ? [{ label: t('chats.mediaDownloadOriginal'), icon: 'download' as const, onclick: () => download(media, original.file, at) }] : [])
	];
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
		(!!wordsOf(message.content) || !mediaOf(message).length) && { label: t('chats.copy'), icon: 'copy', onclick: () => void copyText(textOf(message)) },
		canForward(message) && { label: t('chats.forward'), icon: 'forward', onclick: () => forward([message]) },
		...downloads(message),
		canWrite && mayEdit(message) && { label: t(message.content.kind === 'text' ? 'chats.edit' : 'chats.mediaEditCaption'), icon: 'edit', onclick: () => conversation.edit(message) },
		mayClose(message, conversation.isAdmin) && { label: t('chats.pollClose'), icon: 'poll', onclick: () => void closePoll(message) },
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
