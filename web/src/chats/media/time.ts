/** Lengths of time and sizes of files, as short as they are shown on media. */

import { formatNumber } from '$lib/i18n';

/** 0:07, 12:30, 1:02:03. `ms` are milliseconds. */
export function clock(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1000));
	const two = (value: number) => String(value).padStart(2, '0');
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
	return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** "12 kB", "3.4 MB", in the words of the language. */
export function fileSize(bytes: number): string {
	let step = 0;
	let value = bytes;
	while (value >= 999.5 && step < UNITS.length - 1) {
		value /= 1000;
		step++;
	}
	return formatNumber(value, {
		style: 'unit',
		unit: UNITS[step],
		unitDisplay: step ? 'short' : 'long',
		maximumFractionDigits: step && value < 10 ? 1 : 0
	});
}
