import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf, WAVEFORM_POINTS, waveformOf } from '../src/chats/capture/waveform';
import { trimmed } from '../src/chats/capture/webm';
import { pathOf, touches, type Stroke } from '../src/chats/edit/strokes';

test('silence is nothing, a shout is all, a voice is between', () => {
	const tone = (loudness: number) => Float32Array.from({ length: 480 }, (_, at) => loudness * Math.sin(at / 4));
	assert.equal(levelOf(tone(0)), 0);
	assert.equal(levelOf([]), 0);
	assert.equal(levelOf(tone(1)), 1);
	const voice = levelOf(tone(0.1));
	assert.ok(voice > 0.3 && voice < 0.9, String(voice));
});

test('a waveform has its number of points, and its loudest is at the top', () => {
	assert.deepEqual(waveformOf([]), Array<number>(WAVEFORM_POINTS).fill(0));
	for (const length of [1, 7, 100, 3001]) {
		const levels = Array.from({ length }, (_, at) => (at === length - 1 ? 0.5 : 0.1));
		const made = waveformOf(levels);
		assert.equal(made.length, WAVEFORM_POINTS);
		assert.equal(made.at(-1), 255, `${length} levels`);
		assert.ok(made.every((value) => Number.isInteger(value) && value >= 0 && value <= 255));
	}
});

const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const element = (id: number[], body: number[]) => [...id, 0x40 | (body.length >> 8), body.length & 0xff, ...body];
const HEAD = [
	...element([0x1a, 0x45, 0xdf, 0xa3], [1, 2, 3]),
	...[0x18, 0x53, 0x80, 0x67],
	...UNKNOWN,
	...element([0x15, 0x49, 0xa9, 0x66], [9]),
	...element([0x16, 0x54, 0xae, 0x6b], [8, 8])
];
const cluster = (time: number, block: number[], known: boolean) => {
	const body = [...element([0xe7], [time >> 8, time & 0xff]), ...element([0xa3], block)];
	return known ? element([0x1f, 0x43, 0xb6, 0x75], body) : [0x1f, 0x43, 0xb6, 0x75, ...UNKNOWN, ...body];
};

for (const known of [true, false]) {
	test(`a recording loses its beginning, and its clock starts anew (clusters with${known ? '' : 'out'} a size)`, () => {
		const file = Uint8Array.from([...HEAD, ...[0, 500, 1000, 1500].flatMap((time) => cluster(time, [time / 100, 7], known))]);
		const kept = [...HEAD, ...cluster(0, [10, 7], known), ...cluster(500, [15, 7], known)];
		assert.deepEqual([...trimmed(file, 1200)], kept);
		assert.deepEqual([...trimmed(file, 1000)], kept);
		assert.equal(trimmed(file, 300), file, 'nothing to cut');
	});
}

test('what is no WebM, or is broken off, is told', () => {
	for (const broken of [[], [0], [0x1a, 0x45], HEAD.slice(0, 6), [...HEAD, 0x1f, 0x43], [0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70]]) {
		assert.throws(() => trimmed(Uint8Array.from(broken), 100), RangeError);
	}
});

test('a line has an outline, and the eraser finds it along its whole length', () => {
	const stroke: Stroke = { points: [[0, 0, 0.5], [100, 0, 0.5]], colour: '#ffffff', size: 10, pen: false };
	assert.match(pathOf(stroke), /^M[\d.-]+ [\d.-]+Q.*Z$/);
	assert.ok(touches(stroke, { x: 50, y: 8 }, 4));
	assert.ok(!touches(stroke, { x: 50, y: 20 }, 4));
	assert.ok(!touches(stroke, { x: 120, y: 0 }, 4));
	const dot: Stroke = { ...stroke, points: [[5, 5, 0.5]] };
	assert.notEqual(pathOf(dot), '');
	assert.ok(touches(dot, { x: 6, y: 6 }, 1));
});
