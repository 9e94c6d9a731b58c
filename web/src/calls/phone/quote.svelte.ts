/** What the number that is being dialled is and costs, asked a moment after the last key. */

import { request } from '$lib/api';
import { codeOf, locale } from '$lib/i18n';
import type { PhoneQuote } from './types';

const AFTER_MS = 300;
const DIGITS_MIN = 3;

export class Quotes {
	#quote = $state.raw<PhoneQuote>();
	#problem = $state('');
	#asked = '';
	#timer: ReturnType<typeof setTimeout> | undefined;

	get now(): PhoneQuote | undefined {
		return this.#quote;
	}

	/** The code of why there is none. */
	get problem(): string {
		return this.#problem;
	}

	ask(number: string): void {
		if (number === this.#asked) return;
		this.#asked = number;
		clearTimeout(this.#timer);
		this.#problem = '';
		if (number.replace(/\D/g, '').length < DIGITS_MIN) {
			this.#quote = undefined;
			return;
		}
		this.#timer = setTimeout(() => void this.#read(number), AFTER_MS);
	}

	async #read(number: string): Promise<void> {
		const query = new URLSearchParams({ number, language: locale.current });
		try {
			const quote = await request<PhoneQuote>('GET', `/calls/phone/quote?${query}`);
			if (number === this.#asked) this.#quote = quote;
		} catch (problem) {
			if (number !== this.#asked) return;
			this.#quote = undefined;
			this.#problem = codeOf(problem);
		}
	}
}
