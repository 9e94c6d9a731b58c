/** How transfers and red packets stand, in words for each side. */

import { engine } from '$lib/engine';
import type { ShownMessage } from '$lib/engine/contract';
import type { RedPacketContent, TransferContent } from '$lib/engine/types';
import { t } from '$lib/i18n';

export const isMe = (person: string): boolean => person === engine.me?.person.id;

export function transferLine({ content, mine }: ShownMessage): string {
	const { to, state = 'waiting' } = content as TransferContent;
	const name = engine.nameOf(to);
	if (state === 'returned' || state === 'expired') return t(`money.card_${state}`);
	if (isMe(to)) return t(state === 'waiting' ? 'money.card_accept' : 'money.card_accepted');
	if (state === 'accepted') return t('money.card_acceptedBy', { name });
	return t(mine ? 'money.card_waiting' : 'money.card_for', { name });
}

/** Whom a red packet is for, if for one person only. */
export function packetTo({ content }: ShownMessage): string {
	return (content as RedPacketContent).to ?? '';
}

/** One may open it, as far as this device knows. */
export function isOpenable(message: ShownMessage): boolean {
	const { state = 'open' } = message.content as RedPacketContent;
	const to = packetTo(message);
	return state === 'open' && !message.played && (!to || isMe(to));
}

export function packetLine(message: ShownMessage): string {
	const { state = 'open', to = '' } = message.content as RedPacketContent;
	const name = engine.nameOf(to);
	if (message.played) return t('money.packet_opened');
	if (state === 'returned') return t('money.packet_over');
	if (state === 'empty') return to ? t('money.packet_openedBy', { name }) : t('money.packet_empty');
	if (!to || isMe(to)) return t('money.packet_open');
	return t(message.mine ? 'money.card_waiting' : 'money.card_for', { name });
}
