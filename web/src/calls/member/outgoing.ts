/** Signals on their way to one other leg: in order, one at a time, and kept while the house cannot be reached. */

import { engine } from '$lib/engine';
import { codeOf } from '$lib/i18n';
import type { Signal } from './types';

const WAITING_MAX = 64;
const AGAIN_MS = 1_000;
const AGAIN = new Set(['offline', 'unavailable', 'rate_limited']);

export class Outgoing {
	readonly #call: string;
	readonly #to: string;
	#waiting: Signal[] = [];
	#sending = false;
	#closed = false;

	constructor(call: string, to: string) {
		this.#call = call;
		this.#to = to;
	}

	say(signal: Signal): void {
		// A newer description makes the older ones, and the candidates of their time, worthless.
		if (signal.description?.type === 'offer' && !this.#sending) this.#waiting = [];
		if (this.#waiting.length >= WAITING_MAX) this.#waiting.shift();
		this.#waiting.push(signal);
		if (!this.#sending) void this.#flush();
	}

	close(): void {
		this.#closed = true;
		this.#waiting = [];
	}

	async #flush(): Promise<void> {
		this.#sending = true;
		while (!this.#closed) {
			const [signal] = this.#waiting;
			if (!signal) break;
			try {
				await engine.command('call.signal', { call: this.#call, to: this.#to, ...signal });
				this.#drop(signal);
			} catch (problem) {
				// Refused for good: the other leg is gone, or this one is.
				if (!AGAIN.has(codeOf(problem))) this.#drop(signal);
				else await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
			}
		}
		this.#sending = false;
	}

	#drop(signal: Signal): void {
		this.#waiting = this.#waiting.filter((other) => other !== signal);
	}
}
