/** Confirm a payment and send it: again after a cut, and with a new yes when the first expired; but never twice. */

import { codeOf, t } from '$lib/i18n';
import { ask } from '$lib/ui';
import { confirmPayment, type Question } from './confirm';

/**
 * `send` gets the approval and must use one key for all its calls. Resolves with its answer, undefined when the person
 * gave up. Throws what else the house refuses.
 */
export async function pay<T>(what: Question, send: (approval: string) => Promise<T>): Promise<T | undefined> {
	let approval = await confirmPayment(what);
	while (approval !== undefined) {
		try {
			return await send(approval);
		} catch (error) {
			const code = codeOf(error);
			if (code === 'approval_needed') approval = await confirmPayment({ ...what, warning: t('wallet.problem_approval') });
			else if (code !== 'offline') throw error;
			// Nobody knows whether it arrived; the same key makes a repetition safe.
			else if (!(await ask({ title: t('wallet.cut'), text: t('wallet.cut_text'), action: t('wallet.again') }))) return;
		}
	}
	return;
}
