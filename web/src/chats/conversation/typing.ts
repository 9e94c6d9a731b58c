import { engine } from '$lib/engine';
import type { ShownChat } from '$lib/engine/contract';
import { formatList, t } from '$lib/i18n';

/** "typing…" in a direct chat, with names in others; empty when nobody is. */
export function typingText(chat: ShownChat): string {
	const names = chat.typing.map(({ id }) => engine.nameOf(id));
	if (!names.length) return '';
	if (chat.kind === 'direct') return t('chats.typing');
	if (names.length > 2) return t('chats.typingMany', { count: names.length });
	return t('chats.typingNames', { names: formatList(names), count: names.length });
}
