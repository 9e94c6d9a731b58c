/**
 * Why a line of a price list cannot be read: the house says it with a code (teahouse/calls/phone/rates/problems.py), and
 * here it is said in the person's language; in the house's English where the code is new.
 */

import { t } from '$lib/i18n';

export interface DeckProblem {
	line: number;
	code: string;
	/** What the words name, in their order. */
	values: string[];
	why: string;
}

export function whyWords({ code, values, why }: DeckProblem): string {
	const key = `why_${code}`;
	const said = t(`lines.${key}`, { one: values[0] ?? '', two: values[1] ?? '' });
	return said === key ? why : said;
}

/** Those of a refusal (`bad_deck`). */
export function problemsOf(error: unknown): DeckProblem[] {
	const { fields } = (error ?? {}) as { fields?: { problems?: unknown } };
	return Array.isArray(fields?.problems) ? (fields.problems as DeckProblem[]) : [];
}
