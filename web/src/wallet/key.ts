/**
 * Idempotency keys of money commands. One key goes with one payment, however often it is repeated: the house then does it
 * once.
 */

import { newNonce } from '$lib/engine/nonce';

export { newNonce as newKey };

/** The key of what a form asks for: the same for every repetition, a new one once something in it was changed. */
export class Attempt {
	#body = '';
	#key = '';

	keyOf(body: unknown): string {
		const text = JSON.stringify(body);
		if (text !== this.#body || !this.#key) [this.#body, this.#key] = [text, newNonce()];
		return this.#key;
	}

	/** It was done: the same once more is another payment. */
	done(): void {
		this.#key = '';
	}
}
