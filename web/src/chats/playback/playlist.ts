/** Which voice message or video note comes after another in its chat. */

import type { ShownMessage } from '$lib/engine/contract';

export const isPlayable = ({ content }: Pick<ShownMessage, 'content'>): boolean => content.kind === 'voice' || content.kind === 'video_note';

/** Was meant for oneself and not heard yet. */
export const isUnheard = (message: ShownMessage): boolean => isPlayable(message) && !message.mine && !message.played && message.seq > 0;

/**
 * The one that plays after `key` by itself: what directly follows it, else the next that one has not heard. So a run of
 * voice messages is heard through, and an old one does not bring up all that were ever sent.
 */
export function nextAfter(messages: readonly ShownMessage[], key: string, isSaid: (message: ShownMessage) => boolean): ShownMessage | undefined {
	const at = messages.findIndex((one) => one.key === key);
	if (at < 0) return;
	const after = messages.slice(at + 1).filter((one) => isSaid(one) && one.state !== 'failed');
	return after[0] && isPlayable(after[0]) ? after[0] : after.find(isUnheard);
}

export function previousBefore(messages: readonly ShownMessage[], key: string): ShownMessage | undefined {
	const at = messages.findIndex((one) => one.key === key);
	return at < 0 ? undefined : messages.slice(0, at).findLast(isPlayable);
}
