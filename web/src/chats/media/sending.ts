/** What the sender sees of a message of files that is not at the house yet. */

import { engine } from '$lib/engine';
import type { ShownMessage } from '$lib/engine/contract';
import type { MediaCard } from '$lib/engine/types';
import { t } from '$lib/i18n';

/** Its files are on their way. What is forwarded is at the house already. */
export function isComing(message: ShownMessage): boolean {
	return message.seq === 0 && message.state === 'sending' && !message.forward;
}

export function stageOf({ progress }: ShownMessage): string {
	if (!progress) return t('chats.mediaWaiting');
	if (progress.stage === 'uploading') return t('chats.mediaUploading', { percent: Math.round(progress.percent) });
	return t('chats.mediaPreparing');
}

export function cancel(message: ShownMessage): void {
	engine.discard(message.chat, message.nonce ?? '');
}

const REASONS = new Set([
	'unreadable',
	'wrong_kind',
	'too_large',
	'too_long',
	'too_many_pixels',
	'no_pair',
	'too_slow',
	'crashed',
	'media_refused',
	'quota_exceeded',
	'file_lost'
]);
/** Sent as plain files, these are not looked into. */
const AS_FILE = new Set(['unreadable', 'wrong_kind', 'too_long', 'too_many_pixels', 'no_pair', 'too_slow', 'crashed', 'media_refused']);

/** Why it was not sent, in plain words; undefined for a message whose files are not to blame. */
export function failureOf(message: ShownMessage): string | undefined {
	const reason = reasonOf(message);
	return REASONS.has(reason) ? t(`chats.mediaFailed_${reason}`) : undefined;
}

/** What the house found wrong with a file comes as `media_refused:` and the reason. */
function reasonOf({ error = '' }: ShownMessage): string {
	return error.replace(/^media_refused:/, '');
}

export function mediaOf(message: ShownMessage): MediaCard[] {
	const { content } = message;
	if (content.kind === 'album') return content.items.map(({ media }) => media);
	return 'media' in content ? [content.media] : [];
}

export function canGoAsFile(message: ShownMessage): boolean {
	return message.state === 'failed' && AS_FILE.has(reasonOf(message)) && message.content.kind !== 'file' && mediaOf(message).length > 0;
}

/** The same again, each file for itself and as it is. */
export async function sendAsFiles(message: ShownMessage): Promise<void> {
	const caption = 'caption' in message.content ? message.content.caption : undefined;
	const pieces: { file: Blob; name?: string }[] = [];
	for (const media of mediaOf(message)) {
		const url = engine.mediaUrl(media, 'original') ?? engine.mediaUrl(media, media.files[0]?.variant ?? 'large');
		if (url) pieces.push({ file: await (await fetch(url)).blob(), name: media.name || undefined });
	}
	engine.discard(message.chat, message.nonce ?? '');
	pieces.forEach((piece, at) =>
		engine.sendMedia(
			message.chat,
			{ kind: 'file', pieces: [{ kind: 'file', ...piece }], caption: at ? undefined : caption },
			{ reply: at ? undefined : message.reply?.seq }
		)
	);
}
