import type { Person } from '$lib/engine/types';

/** The answer to every way of signing in and up. */
export interface SignedIn {
	person: Person;
	token: string;
	device: string;
}
