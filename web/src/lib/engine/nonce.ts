/** Names for sends: 9 base32 characters of the time in ms, then random ones, so that they sort in the order of sending. */

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 9;
const RANDOM_CHARS = 13;

let lastMs = 0;

export function newNonce(nowMs = Date.now()): string {
	// Two sends within one millisecond must still sort in their order.
	lastMs = Math.max(nowMs, lastMs + 1);
	let time = '';
	for (let rest = lastMs, i = 0; i < TIME_CHARS; i++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32] + time;
	const random = crypto.getRandomValues(new Uint8Array(RANDOM_CHARS));
	return time + Array.from(random, (byte) => ALPHABET[byte % 32]).join('');
}
