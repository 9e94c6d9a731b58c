/**
 * Some things the house does in an old session only for who shows that it is really they. `deed` is tried without a
 * proof first; when the house asks for one, a dialog does, and tries again with it.
 */

import { codeOf } from '$lib/i18n';

/** What goes with the request: nothing, the password, or what a passkey answered. */
export type Proof = Record<string, unknown>;

/** Undefined when the person closed the dialog. Throws what the deed throws otherwise. */
export async function proved<T>(deed: (proof: Proof) => Promise<T>): Promise<{ done: T } | undefined> {
	try {
		return { done: await deed({}) };
	} catch (error) {
		if (codeOf(error) !== 'proof_needed') throw error;
	}
	const { askForProof } = await import('./host');
	return askForProof(deed);
}
