/** Emoji of stickers: `emoji` of a card is up to eight of them with spaces between. */

import type { StickerCard } from '$lib/engine/types';

export function emojiOf(card: StickerCard): string[] {
	return card.emoji ? card.emoji.split(' ') : [];
}

/** Without what says only how it is drawn (presentation, skin tone): ❤ and ❤️ are the same to who looks for it. */
export function plain(emoji: string): string {
	return emoji.replace(/[\u{fe0e}\u{fe0f}\u{1f3fb}-\u{1f3ff}]/gu, '');
}

export function fileOf(card: StickerCard, which: 'file' | 'still' | 'image' = 'file'): string {
	return `/api/v1/stickers/${card.id}/${which}`;
}
