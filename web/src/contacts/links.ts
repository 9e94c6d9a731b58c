/**
 * The links that people hand each other: `/i/` into the house, `/j/` into a chat, `/p/` to a person, `/r/` to pay somebody,
 * `/s/` to stickers, `/m/` and `/o/` to pay a merchant, `/c/` to get a coupon, `/v/` to verify a receipt.
 */

export type LinkKind = 'i' | 'j' | 'p' | 'r' | 's' | 'm' | 'o' | 'c' | 'v';

export interface HouseLink {
	kind: LinkKind;
	secret: string;
}

const PATH = /^\/([ijprsmocv])\/([A-Za-z0-9_-]{8,128})\/?$/;

export function parsePath(path: string): HouseLink | undefined {
	const match = PATH.exec(path);
	return match ? { kind: match[1] as LinkKind, secret: match[2] ?? '' } : undefined;
}

export type ParsedLink = HouseLink | 'elsewhere' | 'nothing';

/** Reads a pasted or scanned text. A link of the right form to another house is `elsewhere`. */
export function parseLink(text: string): ParsedLink {
	let url: URL;
	try {
		url = new URL(text.trim());
	} catch {
		return 'nothing';
	}
	const link = parsePath(url.pathname);
	if (!link || !/^https?:$/.test(url.protocol)) return 'nothing';
	return url.host === location.host ? link : 'elsewhere';
}

export function linkPath({ kind, secret }: HouseLink): string {
	return `/${kind}/${secret}`;
}

const KEPT = 'teahouse.kept-link';

/** Remembers a link that was opened before signing in; it is followed right after. */
export function keepLink(path: string): void {
	sessionStorage.setItem(KEPT, path);
}

export function keptLink(): string | undefined {
	return sessionStorage.getItem(KEPT) ?? undefined;
}

export function takeKeptLink(): string | undefined {
	const path = keptLink();
	sessionStorage.removeItem(KEPT);
	return path;
}

/** A QR code of the text as an image address (SVG, made by the house; no other service sees it). */
export function qrAddress(text: string): string {
	return `/api/v1/qr?text=${encodeURIComponent(text)}`;
}
