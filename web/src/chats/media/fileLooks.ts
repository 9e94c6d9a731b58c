/** How a file of any kind is shown: its sign by what it is, and its name in two parts. */

import type { IconName } from '$lib/ui';

export interface Looks {
	icon: IconName;
	colour: 'paper' | 'picture' | 'sound' | 'film' | 'pack' | 'table';
	/** PDF, ZIP: as people call it; empty when the name has none. */
	ending: string;
}

const ENDING_MAX = 6;
const TAIL = 6;
const PACKS = new Set(['zip', '7z', 'rar', 'gz', 'tgz', 'xz', 'bz2', 'tar', 'zst', 'apk', 'dmg', 'iso', 'deb', 'rpm']);
const TABLES = new Set(['csv', 'tsv', 'xls', 'xlsx', 'ods', 'numbers']);

function endingOf(name: string): string {
	const dot = name.lastIndexOf('.');
	const ending = dot > 0 ? name.slice(dot + 1) : '';
	return ending.length <= ENDING_MAX && /^[\p{L}\p{N}]+$/u.test(ending) ? ending : '';
}

export function looksOf(name: string, type: string): Looks {
	const ending = endingOf(name);
	const low = ending.toLowerCase();
	const shown = ending.toUpperCase();
	if (type.startsWith('image/')) return { icon: 'picture', colour: 'picture', ending: shown };
	if (type.startsWith('audio/')) return { icon: 'music', colour: 'sound', ending: shown };
	if (type.startsWith('video/')) return { icon: 'film', colour: 'film', ending: shown };
	if (PACKS.has(low)) return { icon: 'package', colour: 'pack', ending: shown };
	if (TABLES.has(low)) return { icon: 'table', colour: 'table', ending: shown };
	return { icon: 'file', colour: 'paper', ending: shown };
}

/** The part of a name that may be cut, and its end, which says what the file is. */
export function parted(name: string): [string, string] {
	const letters = [...name];
	const tail = Math.min(letters.length - 1, TAIL + endingOf(name).length);
	return letters.length <= 2 * TAIL ? [name, ''] : [letters.slice(0, -tail).join(''), letters.slice(-tail).join('')];
}
