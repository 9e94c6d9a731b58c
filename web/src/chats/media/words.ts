/** Names of media for people who do not see them: whose they are, and what is said below them. */

import { engine } from '$lib/engine';
import type { AnyContent } from '$lib/engine/types';
import { t } from '$lib/i18n';
import { plainOf } from '../format/tokens';

const WORDS_MAX = 200;

/** Without its marks, on one line. */
function plain(words: string): string {
	return plainOf(words.slice(0, WORDS_MAX)).replace(/\s+/g, ' ');
}

type Named = 'picture' | 'video' | 'live_photo' | 'video_note' | 'gif';

/** "Photo from Ann", or what she wrote below it. */
export function altOf(kind: Named, message: { sender: string; mine: boolean }, caption = ''): string {
	if (caption) return plain(caption);
	return message.mine ? t(`chats.mediaMy_${kind}`) : t(`chats.mediaOf_${kind}`, { name: engine.nameOf(message.sender) });
}

/** For lists and replies: what it is, and what is said below it. */
export function excerptWith(what: string, content: AnyContent): string {
	const caption = 'caption' in content ? (content.caption ?? '') : '';
	return caption ? `${what}: ${plain(caption)}` : what;
}
