/** How the list of rows follows the loaded part of the history, one kind of change at a time. */

import type { ShownMessage } from '$lib/engine/contract';

export interface Step {
	rows: readonly ShownMessage[];
	/** Rows came or went at the start: the virtual list keeps its place from the end. */
	shift: boolean;
	/** Another part of the history: nothing of the former rows is left. */
	fresh: boolean;
}

/** The seqs at both ends; unsent messages, which have none yet, stand at the end. */
function span(rows: readonly ShownMessage[]): { first: number; last: number } {
	return { first: rows[0]?.seq ?? 0, last: rows.findLast(({ seq }) => seq > 0)?.seq ?? 0 };
}

/**
 * The steps from what is shown to what is loaded. The engine lets the far end go while it loads at the other one; the
 * virtual list can follow a change at the start or at the end, but not both in one.
 */
export function stepsBetween(shown: readonly ShownMessage[], loaded: readonly ShownMessage[]): Step[] {
	const before = span(shown);
	const after = span(loaded);
	if (!before.first || !after.first) return [{ rows: loaded, shift: false, fresh: !before.first }];
	if (after.first > before.last + 1 || after.last < before.first - 1) return [{ rows: loaded, shift: false, fresh: true }];
	if (after.first === before.first) return [{ rows: loaded, shift: false, fresh: false }];
	if (after.last === before.last) return [{ rows: loaded, shift: true, fresh: false }];
	if (after.first < before.first) {
		const older = loaded.filter(({ seq }) => seq > 0 && seq < before.first);
		return [
			{ rows: [...older, ...shown], shift: true, fresh: false },
			{ rows: loaded, shift: false, fresh: false }
		];
	}
	const leaving = shown.filter(({ seq }) => seq > 0 && seq < after.first);
	return [
		{ rows: [...leaving, ...loaded], shift: false, fresh: false },
		{ rows: loaded, shift: true, fresh: false }
	];
}

/** Messages of one sender within this time stand together. */
const TOGETHER_MS = 5 * 60_000;

export function sameDay(a: number, b: number): boolean {
	return new Date(a).toDateString() === new Date(b).toDateString();
}

export function continues(before: ShownMessage | undefined, message: ShownMessage, isLine: (m: ShownMessage) => boolean): boolean {
	return (
		before !== undefined &&
		before.sender === message.sender &&
		message.at - before.at < TOGETHER_MS &&
		sameDay(before.at, message.at) &&
		!isLine(before) &&
		!isLine(message)
	);
}
