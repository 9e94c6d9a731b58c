/** Which picture or video is looked at in full. The conversation it is of shows the viewer. */

import type { ShownMessage } from '$lib/engine/contract';

export interface Looked {
	chat: string;
	/** Of the message. */
	key: string;
	/** Which of an album's. */
	index: number;
	/** A video goes on where it was: milliseconds, and whether it was heard. */
	time?: number;
}

export const viewer = $state<{ open?: Looked }>({});

export function look(message: ShownMessage, index = 0, time?: number): void {
	viewer.open = { chat: message.chat, key: message.key, index, time };
}

/** Where one of a message's pictures stands in the list, so that it can fly from there and back. */
export const placeOf = (key: string, index: number): string => `${key}/${index}`;

export function placeInList(key: string, index: number): HTMLElement | null {
	return document.querySelector<HTMLElement>(`[data-media="${CSS.escape(placeOf(key, index))}"]`);
}
