/** Phone numbers as the house keeps them: `+`, then digits. */

const E164 = /^\+[0-9]{3,15}$/;

/** What somebody typed (`+49 (30) 123-456`, `0049 30 …`) as E.164; nothing where the country's code is missing. */
export function e164Of(text: string): string | undefined {
	const bare = text.replace(/[\s().\-/\u00a0\u202f\u2010-\u2015]/g, '').replace(/^00/, '+');
	return E164.test(bare) ? bare : undefined;
}
