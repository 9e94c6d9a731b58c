/**
 * Rules that are being changed. They outlive the page: who leaves it by mistake finds them as they were, until they are
 * saved or dropped.
 */

import { engine } from '$lib/engine';
import type { Policy } from '../lines/types';

let draft = $state.raw<{ person: string; typed: TypedPolicy }>();

/** As it is typed: what may be wrong yet is text. */
export interface TypedPolicy extends Omit<Policy, 'prefixes_off' | 'on'> {
	prefixes: string;
	/** Only the chosen countries. */
	some: boolean;
}

export const drafts = {
	/** One's own. */
	get mine(): TypedPolicy | undefined {
		return draft && draft.person === engine.me?.person.id ? draft.typed : undefined;
	},
	keep(typed: TypedPolicy): void {
		draft = { person: engine.me?.person.id ?? '', typed };
	},
	drop(): void {
		draft = undefined;
	}
};

const sorted = <T extends string>(list: readonly T[]): T[] => [...list].sort();

export function typedOf(policy: Policy): TypedPolicy {
	const { on: _, prefixes_off, ...rest } = policy;
	return { ...rest, kinds_off: sorted(rest.kinds_off), countries: sorted(rest.countries), prefixes: prefixes_off.join('\n'), some: rest.countries.length > 0 };
}

export const prefixesOf = (typed: TypedPolicy): string[] =>
	[...new Set(typed.prefixes.split(/[\s,;]+/).map((one) => one.replace(/^(\+|00)/, '')).filter(Boolean))];

/** What is sent; whether calls are on is told elsewhere. */
export function policyOf(typed: TypedPolicy, on: boolean): Policy {
	const { prefixes: _, some, ...rest } = typed;
	return { ...rest, on, kinds_off: sorted(rest.kinds_off), countries: some ? sorted(rest.countries) : [], prefixes_off: prefixesOf(typed) };
}

export function isSame(typed: TypedPolicy, policy: Policy): boolean {
	const plain = (one: Policy) => JSON.stringify(Object.entries({ ...one, prefixes_off: sorted(one.prefixes_off) }).sort(([a], [b]) => (a < b ? -1 : 1)));
	return plain(policyOf(typed, policy.on)) === plain(policyOf(typedOf(policy), policy.on)) && typed.some === policy.countries.length > 0;
}
