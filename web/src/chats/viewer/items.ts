/** The pictures and videos of a chat in one row, as one leafs through them. */

import type { ShownMessage } from '$lib/engine/contract';
import type { AlbumItem, MediaCard } from '$lib/engine/types';

export interface Item {
	message: ShownMessage;
	kind: AlbumItem['kind'];
	card: MediaCard;
	/** Which of an album's. */
	index: number;
}

export function itemsOf(messages: readonly ShownMessage[]): Item[] {
	return messages.flatMap((message): Item[] => {
		const { content } = message;
		switch (content.kind) {
			case 'picture':
			case 'live_photo':
				return [{ message, kind: content.kind, card: content.media, index: 0 }];
			case 'video':
				// One without sound that plays over and over is a picture that moves.
				return [{ message, kind: content.media.animated ? 'picture' : 'video', card: content.media, index: 0 }];
			case 'album':
				return content.items.map(({ kind, media }, index) => ({ message, kind, card: media, index }));
			default:
				return [];
		}
	});
}
