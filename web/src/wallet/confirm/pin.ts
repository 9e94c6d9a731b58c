/** PINs that somebody who found the phone would try first: one digit six times, and digits in a row. */
export function easyToGuess(pin: string): boolean {
	const steps = new Set([...pin].slice(1).map((digit, at) => Number(digit) - Number(pin[at])));
	return steps.size === 1 && [-1, 0, 1].includes([...steps][0]!);
}
