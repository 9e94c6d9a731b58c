/** Refusals of transfers and red packets in plain words: those of a chat and of a packet, else the wallet's. */

import { codeOf, t } from '$lib/i18n';
import type { Money } from '$src/wallet/money';
import { problemOf } from '$src/wallet/problem';

const OWN = new Set([
	'not_in_channels',
	'not_a_member',
	'not_for_you',
	'not_payable',
	'packet_empty',
	'packet_over',
	'no_such_packet',
	'no_such_payment',
	'transfer_over',
	'bad_count',
	'share_too_small'
]);
/** One may not write in the chat now. */
const CHAT = new Set(['muted', 'announcement_only', 'apart']);

export function refusalOf(problem: unknown, money?: Pick<Money, 'currency'>): string {
	const code = codeOf(problem);
	if (OWN.has(code)) return t(`money.refused_${code}`);
	if (CHAT.has(code)) return t(`chats.refused_${code}`);
	return problemOf(problem, money);
}

/** Of money that comes to oneself: it is one's own wallet that is full. */
export function incomingRefusalOf(problem: unknown): string {
	return codeOf(problem) === 'wallet_full' ? t('money.refused_full') : refusalOf(problem);
}
