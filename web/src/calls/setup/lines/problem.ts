/** What the house refuses of the set-up of calls, in plain words. */

import { problemText } from '$lib/i18n';

const WORDS: Record<string, string> = {
	bad_trunk: 'lines.problem_bad_trunk',
	too_many_trunks: 'lines.problem_too_many_trunks',
	no_such_trunk: 'lines.problem_no_such_trunk',
	bad_deck: 'lines.problem_bad_deck',
	too_many_decks: 'lines.problem_too_many_decks',
	no_such_deck: 'lines.problem_no_such_deck',
	too_many_numbers: 'lines.problem_too_many_numbers',
	no_such_number: 'lines.problem_no_such_number',
	no_such_currency: 'lines.problem_no_such_currency',
	not_found: 'lines.problem_nobody'
};

export const linesProblem = (error: unknown): string => problemText(error, WORDS);
