/** Charges that wait for one's yes come up wherever one is: as soon as they are made, and when one comes back. */

import { engine } from '$lib/engine';
import { codeOf, laterWords, t } from '$lib/i18n';
import { toast } from '$lib/ui';
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

/** Ask for the next that was not asked for; reads what waits, so that an effect follows it. */
export function look(): void {
	const waiting = wallet.now?.waiting;
	if (asking || document.visibilityState === 'hidden') return;
	const next = waiting?.find((charge) => isMine(charge) && !shown.has(charge.id));
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

function changed({ charge }: { charge: Charge }): void {
	// Paid or declined on another device, or over.
	if (charge.id === asking && charge.state !== 'waiting') void import('../confirm/host').then(({ closeConfirm }) => closeConfirm());
	else if (isMine(charge) && !asking && !shown.has(charge.id) && document.visibilityState === 'visible') void askFor(charge);
}

/** Call in an effect; returns how to stop. */
export function watchCharges(): () => void {
	const stop = engine.listen('charge.changed', changed);
	document.addEventListener('visibilitychange', look);
	return () => {
		stop();
		document.removeEventListener('visibilitychange', look);
	};
}
