/** Refusals of splits in plain words: those of a chat, else the wallet's. */

import { codeOf, t } from '$lib/i18n';
import type { Money } from '$src/wallet/money';
import { problemOf } from '$src/wallet/problem';

const OWN = new Set([
	'no_such_split',
	'bad_shares',
	'not_in_channels',
	'not_asked',
	'share_paid',
	'split_over',
	'not_your_split',
	'not_your_bill',
	'not_a_member'
]);
/** One may not write in the chat now. */
const CHAT = new Set(['muted', 'announcement_only', 'apart']);

export function splitProblem(problem: unknown, money?: Pick<Money, 'currency'>): string {
	const code = codeOf(problem);
	if (OWN.has(code)) return t(`bills.split_${code}`);
	return CHAT.has(code) ? t(`chats.refused_${code}`) : problemOf(problem, money);
}
