/** Charges that wait for one's yes come up wherever one is: as soon as they are made, and when one comes back. */

import { engine } from '$lib/engine';
import { codeOf, laterWords, t } from '$lib/i18n';
import { toast } from '$lib/ui';
import { closeConfirm } from '../confirm/host';
import { formatMoney } from '../money';
import { pay } from '../pay';
import { problemOf } from '../problem';
import type { Charge } from '../types';
import { wallet } from '../wallet.svelte';

/** Shown once: one that was closed without an answer stays in the wallet until it expires. */
const shown = new Set<string>();
let asking = '';

const isMine = ({ payer, state, expires_at }: Charge) =>
	state === 'waiting' && payer.id === engine.me?.person.id && expires_at > Date.now();

function look(): void {
	if (asking || document.visibilityState === 'hidden') return;
	const next = wallet.now?.waiting.find((charge) => isMine(charge) && !shown.has(charge.id));
	if (next) void askFor(next);
}

/** Ask for a yes to a charge, and pay or decline it. */
export async function askFor(charge: Charge): Promise<void> {
	if (asking) return;
	asking = charge.id;
	shown.add(charge.id);
	const { payee, amount, currency, note, masked_name, cash } = charge;
	await laterWords();
	try {
		const paid = await pay(
			{
				title: t(cash ? 'wallet.charge_cash' : 'wallet.charge'),
				payee: { person: payee, masked_name },
				amount: { amount, currency },
				note,
				warning: cash ? t('wallet.charge_cash_text') : undefined,
				ondecline: () => void decline(charge)
			},
			(approval) => engine.command('charge.pay', { charge: charge.id, approval })
		);
		if (paid) toast(t('wallet.charge_paid', { amount: formatMoney(charge), name: payee.name }));
	} catch (error) {
		toast(problemOf(error, charge), { kind: 'error' });
	} finally {
		asking = '';
		look();
	}
}

async function decline(charge: Charge): Promise<void> {
	try {
		await engine.command('charge.decline', { charge: charge.id });
	} catch (error) {
		if (codeOf(error) !== 'offline') toast(problemOf(error, charge), { kind: 'error' });
	}
}

engine.listen<{ charge: Charge }>('charge.changed', ({ charge }) => {
	// Paid or declined on another device, or over.
	if (charge.id === asking && charge.state !== 'waiting') closeConfirm();
	else if (isMine(charge) && !asking && !shown.has(charge.id) && document.visibilityState === 'visible') void askFor(charge);
});
document.addEventListener('visibilitychange', look);

$effect.root(() => {
	$effect(look);
});
