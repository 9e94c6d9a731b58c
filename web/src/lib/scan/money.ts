/** Codes of the wallet, told apart from links by their form, and handed from any scanner to the wallet's. */

/** What a payer shows: eighteen digits, which people may read aloud in groups. */
export function payCodeOf(text: string): string | undefined {
	const digits = text.replace(/[\s\u00a0\u202f-]/g, '');
	return /^\d{18}$/.test(digits) ? digits : undefined;
}

/** EMVCo merchant-presented text, by its first field; the house looks at the rest. */
export function isReceiveText(text: string): boolean {
	return text.trim().startsWith('000201');
}

export function isMoney(text: string): boolean {
	return isReceiveText(text) || payCodeOf(text) !== undefined;
}

let handed = '';

/** Give a text that was scanned elsewhere to the wallet's scanner, which opens next. */
export function handOver(text: string): void {
	handed = text;
}

export function takeHanded(): string {
	const text = handed;
	handed = '';
	return text;
}
