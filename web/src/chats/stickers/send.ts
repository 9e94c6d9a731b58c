/** Send a sticker: its card is shown until the house answers. */

import { engine } from '$lib/engine';
import type { StickerCard } from '$lib/engine/types';
import type { Conversation } from '../conversation/state.svelte';
import { stickers } from './panel.svelte';

export function sendSticker(conversation: Conversation, card: StickerCard): void {
	const { id, type, emoji, pack, label, width, height, animated, still } = card;
	const sticker: StickerCard = { id, type, emoji, pack, label, width, height, animated, still };
	const reply = conversation.replyTo;
	engine.send(
		conversation.id,
		{ kind: 'sticker', sticker: id },
		{ shown: { kind: 'sticker', sticker }, reply: reply?.seq, excerpt: reply?.excerpt }
	);
	conversation.replyTo = undefined;
	stickers.used(sticker);
}
