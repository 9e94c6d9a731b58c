/** International bank account numbers (ISO 13616): read, checked and written in groups of four. */

const LENGTH_MIN = 15;
const LENGTH_MAX = 34;

export const compactIban = (typed: string): string => typed.replace(/[\s-]/g, '').toUpperCase();

export const writtenIban = (iban: string): string => iban.replace(/(.{4})(?=.)/g, '$1 ');

/** Its two check digits are right: the number, with letters as 10 to 35, leaves 1 when divided by 97. */
export function isIban(typed: string): boolean {
	const iban = compactIban(typed);
	if (!/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(iban) || iban.length < LENGTH_MIN || iban.length > LENGTH_MAX) return false;
	let rest = 0;
	for (const character of iban.slice(4) + iban.slice(0, 4)) {
		const value = parseInt(character, 36);
		rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
	}
	return rest === 1;
}
