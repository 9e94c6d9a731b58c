/**
 * The code of a coupon at the counter (docs/coupons.md): made on this device from the coupon's secret, without a network;
 * every step has its own.
 */

export const STEP_MS = 15_000;
const TAG_LENGTH = 10;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BITS = 5;

/** The step of a moment by the house's clock. */
export function stepOf(at: number): number {
	return Math.floor(at / STEP_MS);
}

export async function couponCode(secret: string, coupon: string, step: number): Promise<string> {
	const text = `TC1.${coupon}.${step.toString(36)}`;
	const algorithm = { name: 'HMAC', hash: 'SHA-256' };
	const key = await crypto.subtle.importKey('raw', fromBase32(secret), algorithm, false, ['sign']);
	const mac = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text));
	return `${text}.${toBase32(new Uint8Array(mac)).slice(0, TAG_LENGTH)}`;
}

/** RFC 4648, without padding; bits that fill no byte are left out. */
export function fromBase32(text: string): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(Math.floor((text.length * BITS) / 8));
	let [held, count, at] = [0, 0, 0];
	for (const letter of text) {
		const value = BASE32.indexOf(letter);
		if (value < 0) throw new RangeError('Not base32');
		held = ((held << BITS) | value) & 0xfff;
		count += BITS;
		if (count >= 8) bytes[at++] = (held >> (count -= 8)) & 0xff;
	}
	return bytes;
}

export function toBase32(bytes: Uint8Array): string {
	let [text, held, count] = ['', 0, 0];
	for (const byte of bytes) {
		held = ((held << 8) | byte) & 0xfff;
		count += 8;
		while (count >= BITS) text += BASE32[(held >> (count -= BITS)) & 31];
	}
	return count ? text + BASE32[(held << (BITS - count)) & 31] : text;
}
