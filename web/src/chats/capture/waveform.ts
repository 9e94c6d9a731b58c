/** Loudness for drawing. Levels are 0 (silence) to 1. */

import { resampled } from '../media/waveform';

/** As many as the house makes of a voice message. */
export const WAVEFORM_POINTS = 100;
/** Quieter than this is drawn as silence. */
const FLOOR_DB = -50;
/** A voice close to the microphone. */
const CEILING_DB = -10;

/** The level of one moment, from its samples (-1 to 1). */
export function levelOf(samples: ArrayLike<number>): number {
	let sum = 0;
	for (let at = 0; at < samples.length; at++) sum += samples[at]! ** 2;
	const db = 10 * Math.log10(sum / Math.max(1, samples.length) || Number.MIN_VALUE);
	return Math.min(1, Math.max(0, (db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

/** As a message carries it: `WAVEFORM_POINTS` bytes, the loudest at the top. */
export function waveformOf(levels: readonly number[]): number[] {
	const points = resampled(levels, WAVEFORM_POINTS);
	const loudest = Math.max(...points);
	return points.map((level) => (loudest ? Math.round((level / loudest) * 255) : 0));
}
