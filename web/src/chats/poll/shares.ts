/** How the answers of a poll stand beside each other. Pure. */

import type { PollContent, PollVotes } from '$lib/engine/types';

export interface Answer {
	votes: number;
	/** Whole per cent of those who voted. */
	percent: number;
	people: string[];
}

/**
 * The answers of a poll. Where each person has one vote the per cents add up to a hundred: what rounding leaves goes to
 * those that it cut most.
 */
export function answersOf(poll: PollContent, votes: PollVotes | null | undefined): Answer[] {
	const voters = votes?.voters ?? 0;
	const answers = poll.options.map((_, at) => ({
		votes: votes?.answers[at]?.votes ?? 0,
		people: (votes?.answers[at]?.people ?? []) as string[]
	}));
	const exact = answers.map(({ votes }) => (voters ? (votes / voters) * 100 : 0));
	const percents = exact.map(Math.floor);
	if (poll.multiple) return answers.map((answer, at) => ({ ...answer, percent: Math.round(exact[at]!) }));
	let left = voters ? 100 - percents.reduce((sum, percent) => sum + percent, 0) : 0;
	const mostCut = exact.map((value, at) => ({ at, cut: value - percents[at]! })).sort((one, other) => other.cut - one.cut);
	for (const { at, cut } of mostCut) {
		if (left <= 0 || cut === 0) break;
		percents[at]! += 1;
		left -= 1;
	}
	return answers.map((answer, at) => ({ ...answer, percent: percents[at]! }));
}
