/** How much of a picture is sent to each other leg: the more there are, the less, for a mesh sends it to each. */

import type { Limits } from './peer';

/** By how many others there are; the last holds for all beyond. Pictures are opened at 720p. */
const BY_OTHERS: readonly Limits[] = [
	{ video: 1_700_000, scale: 1, frames: 30 },
	{ video: 500_000, scale: 2, frames: 24 },
	{ video: 350_000, scale: 2, frames: 20 },
	{ video: 250_000, scale: 2.667, frames: 15 },
	{ video: 200_000, scale: 2.667, frames: 15 }
];

export function limitsFor(others: number): Limits {
	return BY_OTHERS[Math.min(Math.max(others, 1), BY_OTHERS.length) - 1]!;
}
