/** What a chosen file is, from its name, its type and its first bytes. The house finds out for itself; this is for the eye. */

export type Sort = 'picture' | 'video' | 'file';

/** Picture formats that the house makes a picture of. SVG is not among them: it is a program. */
const PICTURE_TYPES = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif', 'image/heic', 'image/heif']);
const PICTURE_ENDINGS = new Set(['jpg', 'jpeg', 'png', 'webp', 'avif', 'gif', 'heic', 'heif']);
const VIDEO_ENDINGS = new Set(['mp4', 'm4v', 'mov', 'webm', 'mkv', 'avi', '3gp', 'mpg', 'mpeg']);

const endingOf = (name: string) => (/\.([^.]+)$/.exec(name)?.[1] ?? '').toLowerCase();
const baseOf = (name: string) => name.replace(/\.[^.]+$/, '').toLowerCase();

export function sortOf({ type, name }: { type: string; name: string }): Sort {
	// Browsers that do not know a format leave the type empty.
	const ending = type && type !== 'application/octet-stream' ? '' : endingOf(name);
	if (PICTURE_TYPES.has(type) || PICTURE_ENDINGS.has(ending)) return 'picture';
	if (type.startsWith('video/') || VIDEO_ENDINGS.has(ending)) return 'video';
	return 'file';
}

/**
 * Finds Apple's live photos among files: a still and a MOV of the same name (IMG_1234.HEIC, IMG_1234.MOV). Each still
 * comes with its moment, in the order in which the files were chosen.
 */
export function pairs<F extends { type: string; name: string }>(files: readonly F[]): { file: F; moment?: F }[] {
	const moments = new Map<string, F>();
	for (const file of files) if (endingOf(file.name) === 'mov') moments.set(baseOf(file.name), file);
	const taken = new Set<F>();
	const stills = new Map<F, F>();
	for (const file of files) {
		const moment = sortOf(file) === 'picture' ? moments.get(baseOf(file.name)) : undefined;
		if (!moment || taken.has(moment)) continue;
		taken.add(moment);
		stills.set(file, moment);
	}
	return files.filter((file) => !taken.has(file)).map((file) => ({ file, moment: stills.get(file) }));
}

const latin = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);

/** How much of a file's beginning the functions below want. */
export const HEAD_BYTES = 128 * 1024;

/** True for a Motion Photo by its XMP (Motion Photo format 1.0, and the older MicroVideo). */
export function isMotionPhoto(head: Uint8Array): boolean {
	return /(?:MotionPhoto|MicroVideo)(?:="|>)1["<]/.test(latin(head));
}

/** Where the video of a Motion Photo JPEG begins: the first `ftyp` box after the still; -1 without. */
export function momentOffset(bytes: Uint8Array): number {
	if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return -1;
	for (let at = 4; at + 8 <= bytes.length; at++) {
		if (bytes[at] !== 0x66 || bytes[at + 1] !== 0x74 || bytes[at + 2] !== 0x79 || bytes[at + 3] !== 0x70) continue;
		// The box's size stands before its name; that of `ftyp` is small, and it follows the end of a picture.
		const size = new DataView(bytes.buffer, bytes.byteOffset + at - 4, 4).getUint32(0);
		if (size >= 16 && size <= 512 && size % 4 === 0) return at - 4;
	}
	return -1;
}

/** True for pictures that move: a crop would stop them. */
export function isAnimated(head: Uint8Array, type: string): boolean {
	if (type === 'image/gif') return true;
	const text = latin(head);
	if (text.startsWith('RIFF') && text.slice(8, 16) === 'WEBPVP8X') return (head[20]! & 0x02) !== 0;
	const frames = text.startsWith('\x89PNG') ? text.indexOf('acTL') : -1;
	return frames > 0 && frames < (text.includes('IDAT') ? text.indexOf('IDAT') : Infinity);
}
