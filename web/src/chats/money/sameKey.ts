/** The key of a payment that may be tried several times: the same as long as it is the same payment. */

import { newKey } from '$src/wallet/key';

export class SameKey {
	#of = '';
	#key = '';

	/** The house does what has one key once, however often it is asked. */
	of(body: unknown): string {
		const now = JSON.stringify(body);
		if (this.#of !== now) {
			this.#of = now;
			this.#key = newKey();
		}
		return this.#key;
	}
}
