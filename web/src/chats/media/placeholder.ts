/** The blurred picture of a few bytes that stands in until the real one is here. */

import { thumbHashToApproximateAspectRatio, thumbHashToDataURL } from 'thumbhash';

const KEPT_MAX = 400;
const kept = new Map<string, string>();

export function bytesOf(base64: string): Uint8Array {
	return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
}

/** A `data:` URL of a ThumbHash; empty when there is none, or none that can be read. */
export function placeholderOf(hash: string | undefined): string {
	if (!hash) return '';
	let url = kept.get(hash);
	if (url === undefined) {
		try {
			url = thumbHashToDataURL(bytesOf(hash));
		} catch {
			url = '';
		}
		if (kept.size >= KEPT_MAX) kept.delete(kept.keys().next().value!);
		kept.set(hash, url);
	}
	return url;
}

/** Width to height, as near as the hash knows it. */
export function ratioOf(hash: string | undefined): number | undefined {
	if (!hash) return;
	try {
		return thumbHashToApproximateAspectRatio(bytesOf(hash));
	} catch {
		return;
	}
}
