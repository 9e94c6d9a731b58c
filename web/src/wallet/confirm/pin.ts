/** PINs that the house refuses as too easy: one digit six times, and digits in a row (through the zero as well). */
export function easyToGuess(pin: string): boolean {
	const steps = new Set([...pin].slice(1).map((digit, at) => (Number(digit) - Number(pin[at]) + 10) % 10));
	return steps.size === 1 && [0, 1, 9].includes([...steps][0]!);
}
