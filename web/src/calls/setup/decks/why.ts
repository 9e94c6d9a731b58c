/**
 * Why a line of a price list cannot be read. The house says it in English (teahouse/calls/phone/rates/cells.py and
 * csv_deck.py); here it is said in the person's language, and as the house says it where it is new.
 */

import { t } from '$lib/i18n';

/** What it says, with the parts that differ, and the key of the same in other words. */
const SAYINGS: [RegExp, string][] = [
	[/^there is no prefix$/, 'lines.why_no_prefix'],
	[/^area codes are of one country code/, 'lines.why_areas'],
	[/^the prefix “(.*)” begins with 0/, 'lines.why_zero'],
	[/^the prefix “(.*)” has more than (\d+) digits$/, 'lines.why_long'],
	[/^“(.*)” is not a prefix/, 'lines.why_digits'],
	[/^more than (\d+) prefixes in one line$/, 'lines.why_many_prefixes'],
	[/^it does not say in which currency/, 'lines.why_currency_missing'],
	[/^there is no currency “(.*)”$/, 'lines.why_currency'],
	[/^there is no price$/, 'lines.why_no_price'],
	[/^“(.*)” is not a price/, 'lines.why_price'],
	[/^the price “(.*)” has more than (\d+) decimals$/, 'lines.why_decimals'],
	[/^the price “(.*)” is more than (.*)$/, 'lines.why_dear'],
	[/^“(.*)” is not an increment/, 'lines.why_increment'],
	[/^“(.*)” and “(.*)” are not seconds/, 'lines.why_seconds'],
	[/^an increment is of 1 to (\d+) seconds$/, 'lines.why_increment_range'],
	[/^“(.*)” is not a day/, 'lines.why_day'],
	[/^“(.*)” is before 1970$/, 'lines.why_old'],
	[/^it ends \((?:“)?(.*?)(?:”)?\) before it begins/, 'lines.why_ends'],
	[/^the name is longer than (\d+) characters$/, 'lines.why_name'],
	[/^(\d+) cells in (\d+) columns$/, 'lines.why_cells'],
	[/^two columns are the same: (.*)$/, 'lines.why_column_twice'],
	[/^the header line has no column “(.*)”$/, 'lines.why_column_missing'],
	[/^prefix (\d+) has another price at the same time in line (\d+)$/, 'lines.why_twice'],
	[/^there is nothing in it$/, 'lines.why_empty'],
	[/^there is no line after the header line$/, 'lines.why_only_header'],
	[/^a rate deck has at most (\d+) prefixes$/, 'lines.why_too_long'],
	[/^this is no CSV/, 'lines.why_csv']
];

export function whyWords(why: string): string {
	for (const [saying, key] of SAYINGS) {
		const said = saying.exec(why);
		if (said) return t(key, { one: said[1] ?? '', two: said[2] ?? '' });
	}
	return why;
}

export interface DeckProblem {
	line: number;
	why: string;
}

/** Those of a refusal (`bad_deck`). */
export function problemsOf(error: unknown): DeckProblem[] {
	const { fields } = (error ?? {}) as { fields?: { problems?: unknown } };
	return Array.isArray(fields?.problems) ? (fields.problems as DeckProblem[]) : [];
}
