/** The loudness of a voice message as bars. */

import { bytesOf } from './placeholder';

/** Base64 of values 0–255 as shares of the loudest; nothing when there is none to read. */
export function levelsOf(base64: string | undefined): number[] {
	if (!base64) return [];
	try {
		const values = [...bytesOf(base64)];
		const loudest = Math.max(...values, 1);
		return values.map((value) => value / loudest);
	} catch {
		return [];
	}
}

/** As many bars as there is room for. Of several levels under one bar the loudest is shown, so that no word is lost. */
export function resampled(levels: readonly number[], bars: number): number[] {
	if (!levels.length) return Array<number>(bars).fill(0);
	return Array.from({ length: bars }, (_, bar) => {
		const from = (bar * levels.length) / bars;
		const to = ((bar + 1) * levels.length) / bars;
		return Math.max(...levels.slice(Math.floor(from), Math.max(Math.floor(from) + 1, Math.ceil(to))));
	});
}

/** Bars as one path in a box of `bars * step` by `height`, each `width` wide with round ends. */
export function barsPath(levels: readonly number[], step: number, width: number, height: number): string {
	const least = width;
	return levels
		.map((level, at) => {
			const long = Math.max(0.01, level * (height - least));
			const x = (at * step + width / 2).toFixed(1);
			return `M${x} ${((height - long) / 2).toFixed(2)}v${long.toFixed(2)}`;
		})
		.join('');
}
