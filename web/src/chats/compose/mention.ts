/** @-completion: what is being typed before the caret, and who fits. */

import type { Person } from '$lib/engine/types';

export interface Typed {
	/** Where the @ stands. */
	start: number;
	query: string;
}

export function typedMention(text: string, caret: number): Typed | undefined {
	const match = /(?:^|[\s(（，。、])@([\p{L}\p{N}_]{0,32})$/u.exec(text.slice(0, caret));
	return match ? { start: caret - match[1]!.length - 1, query: match[1]!.toLocaleLowerCase() } : undefined;
}

export interface Candidate {
	id: string;
	handle: string;
	name: string;
	picture?: string;
}

const SHOWN_MAX = 8;

/** Those whose handle or name begins with what was typed come first, then those that hold it anywhere. */
export function candidates(query: string, people: Iterable<Person>, nameOf: (id: string) => string): Candidate[] {
	const begins: Candidate[] = [];
	const holds: Candidate[] = [];
	for (const person of people) {
		const { id, handle, picture } = person;
		const name = nameOf(id) || person.name;
		const words = [handle, ...name.toLocaleLowerCase().split(/\s+/u), person.name.toLocaleLowerCase()];
		if (words.some((word) => word.startsWith(query))) begins.push({ id, handle, name, picture });
		else if (words.some((word) => word.includes(query))) holds.push({ id, handle, name, picture });
	}
	return [...begins, ...holds].slice(0, SHOWN_MAX);
}
