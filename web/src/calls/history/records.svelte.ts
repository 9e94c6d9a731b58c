/** One's calls as the house has them, newest first; read again whenever a call ended. */

import { request } from '$lib/api';
import type { components } from '$lib/api/schema';

export type CallRecord = components['schemas']['CallRecord'];
type CallPage = components['schemas']['CallPage'];

export class Records {
	#records = $state.raw<CallRecord[]>();
	#more = $state(false);
	#problem = $state.raw<unknown>();
	#busy = $state(false);
	#turn = 0;

	/** Undefined until they were read once. */
	get now(): CallRecord[] | undefined {
		return this.#records;
	}

	get more(): boolean {
		return this.#more;
	}

	get busy(): boolean {
		return this.#busy;
	}

	get problem(): unknown {
		return this.#problem;
	}

	async read(missed: boolean, before = ''): Promise<void> {
		const turn = ++this.#turn;
		this.#busy = true;
		try {
			const page = await request<CallPage>('GET', `/calls?${new URLSearchParams({ before, missed: String(missed) })}`);
			if (turn !== this.#turn) return;
			this.#records = before ? [...(this.#records ?? []), ...page.calls] : page.calls;
			this.#more = page.more;
			this.#problem = undefined;
		} catch (problem) {
			if (turn === this.#turn) this.#problem = problem;
		} finally {
			if (turn === this.#turn) this.#busy = false;
		}
	}

	forget(call: string): void {
		this.#records = this.#records?.filter(({ id }) => id !== call);
	}
}
