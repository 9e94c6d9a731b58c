import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOf, dab, grown, keepInside, smoothed, whole, withoutBackground } from '../src/chats/stickers/maker/cutout';

const SIDE = 64;

/** A ball of one colour on a ground that shades a little from top to bottom. */
function picture(hole = false): Uint8ClampedArray {
	const pixels = new Uint8ClampedArray(SIDE * SIDE * 4);
	for (let y = 0; y < SIDE; y++) {
		for (let x = 0; x < SIDE; x++) {
			const away = Math.hypot(x - 32, y - 32);
			const ball = away < 18 && !(hole && away < 6);
			pixels.set(ball ? [240, 190, 60, 255] : [110 + y / 4, 160, 200, 255], (y * SIDE + x) * 4);
		}
	}
	return pixels;
}

const at = (mask: Uint8ClampedArray, x: number, y: number) => mask[y * SIDE + x];

test('the background goes, shades and all, and the figure stays', () => {
	const mask = withoutBackground(picture(), SIDE, 20);
	for (const [x, y] of [[0, 0], [63, 63], [32, 4], [8, 32]] as const) assert.equal(at(mask, x, y), 0);
	assert.equal(at(mask, 32, 32), 255);
	assert.deepEqual(boundsOf(mask, SIDE), { x: 15, y: 15, width: 35, height: 35 });
});

test('what the border does not reach stays, whatever its colour', () => {
	assert.equal(at(withoutBackground(picture(true), SIDE, 20), 32, 32), 255);
});

test('what was clear is background', () => {
	const pixels = picture();
	for (let n = 0; n < SIDE * SIDE; n++) if (pixels[n * 4] !== 240) pixels[n * 4 + 3] = 0;
	const mask = withoutBackground(pixels, SIDE, 5);
	assert.equal(at(mask, 2, 2), 0);
	assert.equal(at(mask, 32, 32), 255);
});

test('a line by hand keeps its inside, with soft edges', () => {
	const mask = whole(SIDE);
	keepInside(mask, SIDE, [{ x: 10, y: 10 }, { x: 50.5, y: 10 }, { x: 50.5, y: 40 }, { x: 10, y: 40 }]);
	assert.equal(at(mask, 30, 20), 255);
	assert.equal(at(mask, 5, 20), 0);
	assert.ok(Math.abs(at(mask, 50, 20)! - 128) <= 2);
	assert.deepEqual(boundsOf(mask, SIDE), { x: 10, y: 10, width: 41, height: 30 });
});

test('a trembling line becomes smooth and stays where it was', () => {
	const circle = Array.from({ length: 200 }, (_, n) => {
		const angle = (n / 200) * 2 * Math.PI;
		const tremble = n % 2 ? 0.6 : -0.6;
		return { x: 32 + (20 + tremble) * Math.cos(angle), y: 32 + (20 + tremble) * Math.sin(angle) };
	});
	for (const { x, y } of smoothed(circle)) assert.ok(Math.abs(Math.hypot(x - 32, y - 32) - 20) < 0.9);
	assert.equal(smoothed([{ x: 1, y: 1 }, { x: 1.5, y: 1 }]).length, 1);
});

test('a brush erases, and brings back what it erased', () => {
	const mask = whole(SIDE);
	dab(mask, SIDE, { x: 32, y: 32 }, 8, 0);
	assert.equal(at(mask, 32, 32), 0);
	assert.equal(at(mask, 50, 50), 255);
	dab(mask, SIDE, { x: 32, y: 32 }, 12, 255);
	assert.equal(at(mask, 32, 32), 255);
});

test('paper reaches equally far in every direction', () => {
	const mask = whole(SIDE).fill(0);
	mask[32 * SIDE + 32] = 255;
	const paper = grown(mask, SIDE, 10);
	for (let y = 0; y < SIDE; y++) {
		for (let x = 0; x < SIDE; x++) {
			const away = Math.hypot(x - 32, y - 32);
			if (away <= 9.4) assert.equal(at(paper, x, y), 255);
			if (away >= 10.6) assert.equal(at(paper, x, y), 0);
		}
	}
});

test('of nothing there are no bounds', () => {
	assert.equal(boundsOf(whole(SIDE).fill(0), SIDE), undefined);
});
