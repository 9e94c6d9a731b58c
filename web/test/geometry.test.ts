import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	fitted,
	moved,
	picturePoint,
	pictureRect,
	resized,
	shaped,
	viewPoint,
	viewRect,
	viewSize,
	type Handle,
	type Orientation
} from '../src/chats/edit/geometry';

const SIZE = { width: 400, height: 300 };
const ALL: Orientation[] = [0, 1, 2, 3].flatMap((turns) => [false, true].map((flipped) => ({ turns, flipped })));

test('a quarter turn brings the upper left corner to the upper right', () => {
	const turned = { turns: 1, flipped: false };
	assert.deepEqual(viewSize(SIZE, turned), { width: 300, height: 400 });
	assert.deepEqual(viewPoint(SIZE, turned, { x: 0, y: 0 }), { x: 300, y: 0 });
	assert.deepEqual(viewPoint(SIZE, { turns: 0, flipped: true }, { x: 10, y: 20 }), { x: 390, y: 20 });
});

test('every way of turning and flipping leads back, and stays within the view', () => {
	for (const orientation of ALL) {
		const point = { x: 30, y: 270 };
		const view = viewSize(SIZE, orientation);
		const there = viewPoint(SIZE, orientation, point);
		assert.ok(there.x >= 0 && there.x <= view.width && there.y >= 0 && there.y <= view.height);
		const back = picturePoint(SIZE, orientation, there);
		assert.ok(Math.abs(back.x - point.x) < 1e-9 && Math.abs(back.y - point.y) < 1e-9);
		const rect = { x: 10, y: 20, width: 100, height: 50 };
		assert.deepEqual(pictureRect(SIZE, orientation, viewRect(SIZE, orientation, rect)), rect);
	}
});

test('a crop stays within the picture, wherever it is pulled', () => {
	const rect = { x: 100, y: 100, width: 100, height: 50 };
	assert.deepEqual(moved(SIZE, rect, -500, 500), { x: 0, y: 250, width: 100, height: 50 });
	for (const x of [-1, 0, 1] as const) {
		for (const y of [-1, 0, 1] as const) {
			if (!x && !y) continue;
			for (const ratio of [0, 1, 16 / 9, 9 / 16]) {
				for (const pull of [-1000, -60, 60, 1000]) {
					const handle: Handle = { x, y };
					const made = resized(SIZE, ratio ? shaped(rect, ratio) : rect, handle, pull, pull, ratio);
					const where = JSON.stringify({ handle, ratio, pull, made });
					assert.ok(made.x >= -1e-6 && made.y >= -1e-6, where);
					assert.ok(made.x + made.width <= 400 + 1e-6 && made.y + made.height <= 300 + 1e-6, where);
					assert.ok(made.width > 1 && made.height > 1, where);
					if (ratio) assert.ok(Math.abs(made.width / made.height - ratio) < 1e-6, where);
				}
			}
		}
	}
});

test('the edge that is not pulled stays', () => {
	const rect = { x: 100, y: 100, width: 100, height: 50 };
	assert.deepEqual(resized(SIZE, rect, { x: 1, y: 0 }, 40, 99), { x: 100, y: 100, width: 140, height: 50 });
	assert.deepEqual(resized(SIZE, rect, { x: -1, y: -1 }, -40, -10), { x: 60, y: 90, width: 140, height: 60 });
});

test('a shape is the largest about the middle, and a copy is never larger', () => {
	assert.deepEqual(shaped({ x: 0, y: 0, ...SIZE }, 1), { x: 50, y: 0, width: 300, height: 300 });
	assert.deepEqual(fitted({ width: 4000, height: 3000 }, 2000), { width: 2000, height: 1500 });
	assert.deepEqual(fitted({ width: 40, height: 30 }, 2000), { width: 40, height: 30 });
	assert.deepEqual(fitted({ width: 9000, height: 1 }, 300), { width: 300, height: 1 });
});
