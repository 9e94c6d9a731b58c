/**
 * Who the people of numbers are. The house tells ids; contacts are known by them, and those whom this device gave
 * a number are remembered on it.
 */

import { engine } from '$lib/engine';
import type { Person } from '$lib/engine/types';

const KEY = 'phoneOwners';
const KEPT_MAX = 500;

export class Owners {
	#kept = $state.raw<Person[]>([]);

	async read(): Promise<void> {
		this.#kept = (await engine.kept<Person[]>(KEY)) ?? [];
	}

	of(id: string): Person | undefined {
		const me = engine.me?.person;
		return me?.id === id ? me : (engine.person(id) ?? this.#kept.find((person) => person.id === id));
	}

	async remember(person: Person): Promise<void> {
		const { id, name, handle } = person;
		this.#kept = [{ id, name, handle } as Person, ...this.#kept.filter((one) => one.id !== id)].slice(0, KEPT_MAX);
		await engine.keep(KEY, this.#kept);
	}
}
