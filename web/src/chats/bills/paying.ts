/** Pay one's share of a split, by the wallet's usual way. Fetched when it is first needed. */

import { request } from '$lib/api';
import { engine } from '$lib/engine';
import type { ShownMessage } from '$lib/engine/contract';
import type { SplitContent } from '$lib/engine/types';
import { laterWords, t } from '$lib/i18n';
import { newKey } from '$src/wallet/key';
import { pay } from '$src/wallet/pay';
import type { Payee } from '$src/wallet/types';

/** One key a split: however often it is asked for, a share is paid once. */
const keys = new Map<string, string>();

/** Resolves with whether it was paid. @throws {Failure} */
export async function payShare(message: ShownMessage, amount: number): Promise<boolean> {
	const { split, currency, title } = message.content as SplitContent;
	await laterWords();
	const payee = await request<Payee>('GET', `/wallet/payees/${message.sender}`);
	const key = keys.get(split) ?? newKey();
	keys.set(split, key);
	const what = { title: t('bills.split_pay'), payee, amount: { amount, currency }, note: title };
	const done = await pay(what, async (approval) => {
		await engine.command('split.pay', { key, split, approval });
		return true;
	});
	return !!done;
}
