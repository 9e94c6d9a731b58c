/** Which of a media's files fits a place, and where it is. */

import { engine } from '$lib/engine';
import type { MediaCard, MediaFile, Variant } from '$lib/engine/types';

/** Longer sides in pixels, as the house makes them. */
const STILLS: [Variant, number][] = [
	['small', 480],
	['medium', 1280],
	['poster', 1280],
	['large', 2560]
];
/** A still that is this much smaller than its place on the screen still looks sharp. */
const SOFTER = 0.8;

/** The first of these that the media has. */
export function firstUrl(media: MediaCard, ...variants: Variant[]): string | undefined {
	for (const variant of variants) {
		const url = engine.mediaUrl(media, variant);
		if (url) return url;
	}
	return;
}

/** The still for a place whose longer side is `side` CSS pixels: the smallest that is sharp there. */
export function stillUrl(media: MediaCard, side: number): string | undefined {
	const wanted = side * Math.min(devicePixelRatio || 1, 3) * SOFTER;
	const sharp = STILLS.filter(([, size]) => size >= wanted).map(([variant]) => variant);
	const soft = STILLS.filter(([, size]) => size < wanted).map(([variant]) => variant).reverse();
	return firstUrl(media, ...sharp, ...soft, ...(movesOnly(media) ? [] : (['original'] as const)));
}

/** Its original is a film: no picture can be made of it. */
function movesOnly(media: MediaCard): boolean {
	return media.files.every(({ type }) => type.startsWith('video/'));
}

/** What people mean when they say "download". */
export function mainFile(media: MediaCard): MediaFile | undefined {
	return media.files.find(({ variant }) => variant === 'original') ?? media.files[0];
}

const ENDINGS: Record<string, string> = {
	'image/jpeg': 'jpg',
	'image/svg+xml': 'svg',
	'audio/mp4': 'm4a',
	'audio/mpeg': 'mp3',
	'video/quicktime': 'mov',
	'text/plain': 'txt'
};

/** A name to keep a file under: its own, else one made of the time and the type. */
export function fileName(media: MediaCard, file: MediaFile, at: number): string {
	if (media.name && file.variant === 'original') return media.name;
	const time = new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.');
	const ending = ENDINGS[file.type] ?? file.type.split('/')[1]?.replace(/^x-|\+.*|;.*/g, '') ?? 'bin';
	return `Teahouse ${time}.${ending}`;
}

export function download(media: MediaCard, file: MediaFile, at: number): void {
	const url = engine.mediaUrl(media, file.variant);
	if (!url) return;
	const link = document.createElement('a');
	link.href = url;
	link.download = fileName(media, file, at);
	link.click();
}
