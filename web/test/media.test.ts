import assert from 'node:assert/strict';
import { test } from 'node:test';
import { albumLayout, type Tile } from '../src/chats/media/albumLayout';
import { boxOf } from '../src/chats/media/box';
import { barsPath, levelsOf, resampled } from '../src/chats/media/waveform';
import { fitted, held, SCALE_MAX, WHOLE, zoomedAt } from '../src/chats/viewer/zoom';

const EDGE = 1e-6;

/** A small generator of numbers, the same in every run. */
function numbers(seed: number) {
	let state = seed;
	return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function apart(one: Tile, other: Tile): boolean {
	return (
		one.x + one.width <= other.x + EDGE ||
		other.x + other.width <= one.x + EDGE ||
		one.y + one.height <= other.y + EDGE ||
		other.y + other.height <= one.y + EDGE
	);
}

test('an album of any two to twenty pictures fills its mosaic, without overlap and of a bounded height', () => {
	const random = numbers(11);
	for (let round = 0; round < 400; round++) {
		const count = 2 + (round % 19);
		const ratios = Array.from({ length: count }, () => 0.2 + random() * 4);
		const { tiles, height } = albumLayout(ratios);
		assert.equal(tiles.length, count);
		assert.ok(height > 0.2 && height <= 1.25 + EDGE, `${height} for ${ratios.join()}`);
		let covered = 0;
		tiles.forEach((tile, at) => {
			assert.ok(tile.x >= -EDGE && tile.x + tile.width <= 1 + EDGE, 'within the width');
			assert.ok(tile.y >= -EDGE && tile.y + tile.height <= height + EDGE, 'within the height');
			assert.ok(tile.width > 0.1 && tile.height > 0.05, `a tile of ${tile.width} by ${tile.height} for ${ratios.join()}`);
			tiles.slice(at + 1).forEach((other) => assert.ok(apart(tile, other), 'apart'));
			covered += tile.width * tile.height;
		});
		assert.ok(covered > 0.93 * height, `holes: ${covered} of ${height}`);
	}
});

test('pictures of an album are read in their order: row by row, or down the column beside the first', () => {
	const two = albumLayout([1, 1]).tiles;
	assert.ok(two[0]!.x < two[1]!.x && two[0]!.y === two[1]!.y);
	const wide = albumLayout([2, 2]).tiles;
	assert.ok(wide[0]!.y < wide[1]!.y, 'two wide ones lie one below the other');
	const upright = albumLayout([0.7, 1, 1]).tiles;
	assert.ok(upright[1]!.x > upright[0]!.x && upright[2]!.y > upright[1]!.y, 'the others stand beside an upright one');
	const many = albumLayout(Array<number>(9).fill(1)).tiles;
	for (let at = 1; at < many.length; at++) {
		const [before, tile] = [many[at - 1]!, many[at]!];
		assert.ok(tile.y > before.y || (tile.y === before.y && tile.x > before.x));
	}
});

test('a picture keeps its proportions in the list; one of extreme shape is shown whole on a ground', () => {
	assert.deepEqual(boxOf(1200, 900), { width: 420, ratio: 4 / 3, inset: false });
	const tall = boxOf(900, 1200);
	assert.ok(Math.abs(tall.width / tall.ratio - 440) < 1 && !tall.inset);
	assert.ok(boxOf(500, 4000).inset, 'a long receipt');
	assert.ok(boxOf(9000, 500).inset, 'a panorama');
	assert.ok(boxOf(300, 1200, true).width >= 240, 'words below have room');
	assert.ok(boxOf(16, 16).width >= 120, 'a tiny one can be pressed');
	assert.ok(Number.isFinite(boxOf(0, 0).ratio), 'one of unknown size has a place');
});

test('a loud moment of a voice message is seen however few bars there are', () => {
	const levels = Array<number>(100).fill(0.1);
	levels[57] = 1;
	for (const bars of [8, 13, 27, 50, 100, 160]) {
		const shown = resampled(levels, bars);
		assert.equal(shown.length, bars);
		assert.equal(Math.max(...shown), 1, `${bars} bars`);
	}
	assert.deepEqual(resampled([], 3), [0, 0, 0]);
	assert.deepEqual(levelsOf(btoa(String.fromCharCode(0, 64, 128))), [0, 0.5, 1]);
	assert.deepEqual(levelsOf('not base64 §'), []);
	assert.equal(barsPath([0, 1], 4, 2, 20).split('M').length - 1, 2);
});

test('what is under the fingers stays there while one zooms, and no edge comes further in than the screen', () => {
	const room = { width: 390, height: 844 };
	const picture = fitted({ width: 4000, height: 3000 }, room);
	assert.deepEqual(picture, { width: 390, height: 292.5 });
	const random = numbers(5);
	for (let round = 0; round < 200; round++) {
		const from = { scale: 1 + random() * 3, x: (random() - 0.5) * 200, y: (random() - 0.5) * 200 };
		const [x, y] = [(random() - 0.5) * 390, (random() - 0.5) * 844];
		const to = zoomedAt(from, from.scale * (0.5 + random() * 2), x, y);
		assert.ok(Math.abs((x - from.x) / from.scale - (x - to.x) / to.scale) < 1e-9, 'the same point of the picture');
		assert.ok(to.scale >= 1 && to.scale <= SCALE_MAX);
		const kept = held(to, picture, room);
		assert.ok(Math.abs(kept.x) <= Math.max(0, (picture.width * kept.scale - room.width) / 2) + EDGE);
		assert.ok(Math.abs(kept.y) <= Math.max(0, (picture.height * kept.scale - room.height) / 2) + EDGE);
	}
	assert.deepEqual(held({ scale: 0.4, x: 90, y: 90 }, picture, room), WHOLE);
});
