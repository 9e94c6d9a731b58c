/**
 * How the pictures of an album lie together: a mosaic without holes, in which each keeps nearly its own proportions.
 * All numbers are in units of the mosaic's width: it scales with its bubble, and its height is known beforehand.
 */

export interface Tile {
	x: number;
	y: number;
	width: number;
	height: number;
}

export interface Mosaic {
	tiles: Tile[];
	/** In units of the width. */
	height: number;
}

const GAP = 0.006;
const HEIGHT_MAX = 1.25;
/** Beyond these a tile is cut. */
const RATIO_MIN = 0.62;
const RATIO_MAX = 2.2;
const IN_ROW_MAX = 4;
const ROW_MIN = 0.2;

/** `ratios` are widths to heights, in order. Two to twenty of them. */
export function albumLayout(ratios: readonly number[]): Mosaic {
	const own = ratios.map((ratio) => Math.min(RATIO_MAX, Math.max(RATIO_MIN, ratio > 0 && Number.isFinite(ratio) ? ratio : 1)));
	if (own.length === 3 || own.length === 4) return own[0]! < 1.15 ? leftAndRest(own) : topAndRest(own);
	if (own.length === 2 && own.every((ratio) => ratio > 1.5)) return rows(own, [1, 1]);
	return own.length === 2 ? rows(own, [2]) : rows(own, bestRows(own));
}

/** Full rows one below the other; too high a mosaic is pressed together, which cuts its tiles evenly. */
function rows(ratios: readonly number[], counts: readonly number[]): Mosaic {
	const heights: number[] = [];
	let from = 0;
	for (const count of counts) {
		heights.push(rowHeight(ratios.slice(from, from + count)));
		from += count;
	}
	const gaps = GAP * (counts.length - 1);
	const total = heights.reduce((sum, height) => sum + height, 0);
	const pressed = Math.min(1, (HEIGHT_MAX - gaps) / total);
	const tiles: Tile[] = [];
	let y = 0;
	from = 0;
	counts.forEach((count, row) => {
		const height = heights[row]! * pressed;
		tiles.push(...inRow(ratios.slice(from, from + count), 0, y, 1, height));
		y += height + GAP;
		from += count;
	});
	return { tiles, height: y - GAP };
}

/** The height at which these side by side fill the width. */
function rowHeight(ratios: readonly number[]): number {
	return (1 - GAP * (ratios.length - 1)) / ratios.reduce((sum, ratio) => sum + ratio, 0);
}

function inRow(ratios: readonly number[], x: number, y: number, width: number, height: number): Tile[] {
	const room = width - GAP * (ratios.length - 1);
	const sum = ratios.reduce((all, ratio) => all + ratio, 0);
	return ratios.map((ratio) => {
		const tile = { x, y, width: (room * ratio) / sum, height };
		x += tile.width + GAP;
		return tile;
	});
}

/** One wide above, the others in a row below it. */
function topAndRest([first = 1, ...rest]: readonly number[]): Mosaic {
	const top = Math.min(1 / first, 0.75);
	const below = Math.min(rowHeight(rest), HEIGHT_MAX - top - GAP);
	const tiles = [{ x: 0, y: 0, width: 1, height: top }, ...inRow(rest, 0, top + GAP, 1, below)];
	return { tiles, height: top + GAP + below };
}

/** One upright at the left, the others in a column beside it. */
function leftAndRest([first = 1, ...rest]: readonly number[]): Mosaic {
	const gaps = GAP * (rest.length - 1);
	const stack = rest.reduce((sum, ratio) => sum + 1 / ratio, 0);
	// Both columns end together: left / first = right * stack + gaps, left + right + GAP = 1.
	const fair = ((1 - GAP) / first - gaps) / (stack + 1 / first);
	const right = Math.min(0.5, Math.max(0.3, fair));
	const left = 1 - GAP - right;
	const height = Math.min(HEIGHT_MAX, left / first);
	const room = (height - gaps) / stack;
	const tiles: Tile[] = [{ x: 0, y: 0, width: left, height }];
	let y = 0;
	for (const ratio of rest) {
		tiles.push({ x: left + GAP, y, width: right, height: room / ratio });
		y += room / ratio + GAP;
	}
	return { tiles, height };
}

/** How many go into each row, so that rows are of one height and the whole is nearly a square. */
function bestRows(ratios: readonly number[]): number[] {
	const wanted = Math.min(0.5, Math.max(ROW_MIN, 1 / Math.sqrt(ratios.length * 1.1)));
	/** Cheapest way to fill rows with the first `n`. */
	const best: { cost: number; counts: number[] }[] = [{ cost: 0, counts: [] }];
	for (let end = 1; end <= ratios.length; end++) {
		let found = { cost: Infinity, counts: [] as number[] };
		for (let count = 1; count <= Math.min(IN_ROW_MAX, end); count++) {
			const before = best[end - count]!;
			const height = rowHeight(ratios.slice(end - count, end));
			const cost = before.cost + Math.log(height / wanted) ** 2 + (count === 1 && end > 1 ? 0.3 : 0);
			if (cost < found.cost) found = { cost, counts: [...before.counts, count] };
		}
		best.push(found);
	}
	return best.at(-1)!.counts;
}
