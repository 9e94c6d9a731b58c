/** Whether a customer number can be right, told while it is typed. What this client cannot check, the house does. */

const DIGITS = /^\d+$/;
const PHONE = /^\+?\d{6,15}$/;

/** As the biller keeps it: without what paper bills print between groups. */
export const compact = (value: string): string => value.replace(/[\s\u00a0\u202f./()\u2010-\u2015-]/g, '');

function luhn(value: string): boolean {
	let sum = 0;
	[...value].reverse().forEach((digit, at) => {
		const twice = at % 2 ? Number(digit) * 2 : Number(digit);
		sum += twice > 9 ? twice - 9 : twice;
	});
	return sum % 10 === 0;
}

/** The group of a pentagon's turns and flips: Verhoeff's multiplication, and his permutation of places. */
function turned(one: number, other: number): number {
	const flips = one >= 5 ? -1 : 1;
	const side = ((one % 5) + flips * (other % 5) + 5) % 5;
	return one >= 5 !== other >= 5 ? side + 5 : side;
}
const PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

function verhoeff(value: string): boolean {
	let sum = 0;
	[...value].reverse().forEach((digit, at) => {
		let place = Number(digit);
		for (let turn = 0; turn < at % 8; turn += 1) place = PERMUTATION[place] ?? 0;
		sum = turned(sum, place);
	});
	return sum === 0;
}

function mod97(value: string): boolean {
	let rest = 0;
	for (const sign of value.toUpperCase()) rest = Number(`${rest}${parseInt(sign, 36)}`) % 97;
	return rest === 1;
}

const NUMBERS: Record<string, (value: string) => boolean> = {
	luhn: (value) => DIGITS.test(value) && luhn(value),
	verhoeff: (value) => DIGITS.test(value) && verhoeff(value),
	'iso7064.mod_97_10': (value) => /^[A-Za-z\d]+$/.test(value) && mod97(value)
};

/** What is wrong with a value: a key of `bills.check_…`, with the numbers it speaks of; undefined when nothing is known. */
export type Wrong = { key: 'missing' | 'digits' | 'length' | 'phone' | 'pattern' | 'number'; least?: number; most?: number };

export function wrongWith(value: string, check = ''): Wrong | undefined {
	const given = compact(value);
	if (!given) return { key: 'missing' };
	const [, kind = '', rule = ''] = /^([a-z]+):?(.*)$/s.exec(check) ?? [];
	if (kind === 'digits') {
		const [least = 1, most = least] = rule.split('-').map(Number);
		if (!DIGITS.test(given)) return { key: 'digits' };
		return given.length < least || given.length > most ? { key: 'length', least, most } : undefined;
	}
	if (kind === 'phone') return PHONE.test(given) ? undefined : { key: 'phone' };
	if (kind === 'pattern') return matches(rule, value.trim()) ? undefined : { key: 'pattern' };
	if (kind === 'stdnum' && NUMBERS[rule]) return NUMBERS[rule](given) ? undefined : { key: 'number' };
	return undefined;
}

function matches(pattern: string, value: string): boolean {
	try {
		return new RegExp(`^(?:${pattern})$`).test(value);
	} catch {
		// Python's, and not ours: the house will tell.
		return true;
	}
}

/** What is sent of what was typed. */
export const given = (value: string, check = ''): string =>
	/^(digits|phone|stdnum)/.test(check) ? compact(value) : value.trim();
