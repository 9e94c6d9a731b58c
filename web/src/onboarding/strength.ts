/** A rough, honest hint at how long a password would stand against guessing; the server only asks for 8 characters. */

export type Strength = 'short' | 'weak' | 'fair' | 'good';
export const PASSWORD_LENGTH_MIN = 8;

const COMMON = /^(?:pass|passw[o0]rd|qwert\w*|abc|admin|welcome|iloveyou|letmein|teahouse|woaini)+[\d!@#$%^&*._-]*$/i;

/** Counts characters that tell a guesser something new: repeats ("aaaa") and runs ("1234", "dcba") tell nothing. */
function surprises(password: string): number {
	let count = 0;
	let before = Number.NaN;
	let stepBefore = Number.NaN;
	for (const character of password) {
		const point = character.codePointAt(0) ?? 0;
		const step = point - before;
		const expected = step === 0 || (Math.abs(step) === 1 && step === stepBefore);
		if (!expected) count += 1;
		[before, stepBefore] = [point, step];
	}
	return count;
}

function alphabet(password: string): number {
	const sets: [RegExp, number][] = [
		[/\p{Ll}/u, 26],
		[/\p{Lu}/u, 26],
		[/\p{N}/u, 10],
		[/[^\p{L}\p{N}]/u, 30],
		[/\p{Lo}/u, 2000]
	];
	return sets.reduce((size, [pattern, more]) => size + (pattern.test(password) ? more : 0), 1);
}

export function strength(password: string, ...known: string[]): Strength {
	if (Array.from(password).length < PASSWORD_LENGTH_MIN) return 'short';
	const lower = password.toLowerCase();
	if (COMMON.test(password)) return 'weak';
	// A password that is mostly one's own handle or name is the first guess.
	const rest = known.filter((word) => word.length > 2).reduce((left, word) => left.replaceAll(word.toLowerCase(), ''), lower);
	const counted = rest === lower ? password : rest;
	const bits = surprises(counted) * Math.log2(alphabet(counted));
	if (bits < 45) return 'weak';
	return bits < 65 ? 'fair' : 'good';
}
