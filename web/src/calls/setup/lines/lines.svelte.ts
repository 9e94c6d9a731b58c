/** All that an operator has set up for calls to phones: read together, and again whenever a carrier's state changes. */

import { request } from '$lib/api';
import { engine } from '$lib/engine';
import type { House } from '$src/onboarding/house.svelte';
import { linesProblem } from './problem';
import type { Deck, PhoneNumber, Policy, TrunkView } from './types';

interface Now {
	house: House;
	trunks: TrunkView[];
	decks: Deck[];
	numbers: PhoneNumber[];
	policy: Policy;
}

/** What stands between people and their calls. */
export type Lack = 'currency' | 'country' | 'trunk' | 'prices';

export class Lines {
	now = $state.raw<Now>();
	problem = $state('');
	#turn = 0;

	readonly currency = $derived(this.now?.house.currencies[0] ?? '');
	readonly country = $derived(this.now?.house.country ?? '');
	/** Those that members' prices come from. */
	readonly prices = $derived(this.now?.decks.filter(({ trunk }) => !trunk) ?? []);
	readonly lacks: Lack[] = $derived.by(() => {
		if (!this.now) return [];
		const found: Record<Lack, boolean> = {
			currency: !this.currency,
			country: !this.country,
			trunk: !this.now.trunks.some(({ setup }) => setup.on),
			prices: !this.prices.length
		};
		return (Object.keys(found) as Lack[]).filter((lack) => found[lack]);
	});

	async read(): Promise<void> {
		const turn = ++this.#turn;
		try {
			const [house, trunks, decks, numbers, policy] = await Promise.all([
				request<House>('GET', '/house'),
				request<TrunkView[]>('GET', '/calls/trunks'),
				request<Deck[]>('GET', '/calls/decks'),
				request<PhoneNumber[]>('GET', '/calls/numbers'),
				request<Policy>('GET', '/calls/phone/policy')
			]);
			// A later reading knows better.
			if (turn !== this.#turn) return;
			this.now = { house, trunks, decks, numbers, policy };
			this.problem = '';
		} catch (error) {
			if (turn === this.#turn) this.problem = linesProblem(error);
		}
	}

	/** Carriers only: how they are, and how many calls they carry. */
	async readTrunks(): Promise<void> {
		try {
			const trunks = await request<TrunkView[]>('GET', '/calls/trunks');
			if (this.now) this.now = { ...this.now, trunks };
		} catch {
			// What was read before stays; the next word of the house, or the next look, brings the rest.
		}
	}

	/** Set the policy, and read all again. @throws {Failure} */
	async setPolicy(policy: Policy): Promise<void> {
		await engine.command('phone.policy', { policy });
		await this.read();
	}

	trunk(id: string): TrunkView | undefined {
		return this.now?.trunks.find((trunk) => trunk.id === id);
	}
}
