/**
 * Cutting a figure out of a picture: masks of 0 (gone) to 255 (kept), a byte a pixel. Pure: numbers in, numbers out.
 */

export type Mask = Uint8ClampedArray<ArrayBuffer>;

export interface Point {
	x: number;
	y: number;
}

export function whole(side: number): Mask {
	return new Uint8ClampedArray(side * side).fill(255);
}

/**
 * What is left when the background goes: everything that can be reached from the border without crossing a change of
 * colour of more than `tolerance` (0 to 100), and what was clear already. Edges come out soft, a pixel wide.
 */
export function withoutBackground(pixels: Uint8ClampedArray, side: number, tolerance: number): Mask {
	const mask = whole(side);
	const limit = (tolerance / 100) ** 2 * 3 * 255 ** 2;
	const step = limit / 9;
	const waiting = new Int32Array(side * side);
	const seed = new Int32Array(side * side);
	let count = 0;
	const reach = (at: number, from: number, first: number) => {
		if (!mask[at]) return;
		const clear = pixels[at * 4 + 3]! < 32;
		// Near the colour that the border had, and no sudden step from the neighbour: shades pass, outlines do not.
		if (!clear && (apart(pixels, at, first) > limit || (at !== from && apart(pixels, at, from) > step + limit / 4))) return;
		mask[at] = 0;
		seed[at] = clear ? from : first;
		waiting[count++] = at;
	};
	for (let n = 0; n < side; n++) {
		for (const at of [n, (side - 1) * side + n, n * side, n * side + side - 1]) reach(at, at, at);
	}
	for (let next = 0; next < count; next++) {
		const at = waiting[next]!;
		const x = at % side;
		const first = seed[at]!;
		if (x > 0) reach(at - 1, at, first);
		if (x < side - 1) reach(at + 1, at, first);
		if (at >= side) reach(at - side, at, first);
		if (at < side * (side - 1)) reach(at + side, at, first);
	}
	return softened(mask, side);
}

function apart(pixels: Uint8ClampedArray, one: number, other: number): number {
	const red = pixels[one * 4]! - pixels[other * 4]!;
	const green = pixels[one * 4 + 1]! - pixels[other * 4 + 1]!;
	const blue = pixels[one * 4 + 2]! - pixels[other * 4 + 2]!;
	return red * red + green * green + blue * blue;
}

/** Mean of each pixel and its eight neighbours, drawn in a little: no rim of the background is left. */
export function softened(mask: Mask, side: number): Mask {
	const out = new Uint8ClampedArray(mask.length);
	for (let y = 0; y < side; y++) {
		for (let x = 0; x < side; x++) {
			let sum = 0;
			let count = 0;
			for (let v = Math.max(0, y - 1); v <= Math.min(side - 1, y + 1); v++) {
				for (let u = Math.max(0, x - 1); u <= Math.min(side - 1, x + 1); u++) {
					sum += mask[v * side + u]!;
					count++;
				}
			}
			out[y * side + x] = Math.max(0, (sum / count - 96) * (255 / 159));
		}
	}
	return out;
}

/** A line drawn by hand, closed and made smooth (Chaikin, twice), without what trembled less than `slack` pixels. */
export function smoothed(points: readonly Point[], slack = 3): Point[] {
	let line: Point[] = [];
	for (const point of points) {
		const last = line.at(-1);
		if (!last || Math.hypot(point.x - last.x, point.y - last.y) >= slack) line.push(point);
	}
	if (line.length < 3) return line;
	for (let round = 0; round < 2; round++) {
		line = line.flatMap((point, at) => {
			const next = line[(at + 1) % line.length]!;
			return [
				{ x: 0.75 * point.x + 0.25 * next.x, y: 0.75 * point.y + 0.25 * next.y },
				{ x: 0.25 * point.x + 0.75 * next.x, y: 0.25 * point.y + 0.75 * next.y }
			];
		});
	}
	return line;
}

/** Keep what is inside a closed line (even-odd, four samples a row); all else goes. Changes `mask`. */
export function keepInside(mask: Mask, side: number, line: readonly Point[]): void {
	const SAMPLES = 4;
	const cover = new Float32Array(side);
	for (let y = 0; y < side; y++) {
		cover.fill(0);
		for (let sample = 0; sample < SAMPLES; sample++) {
			const at = y + (sample + 0.5) / SAMPLES;
			const crossings: number[] = [];
			for (let n = 0; n < line.length; n++) {
				const one = line[n]!;
				const other = line[(n + 1) % line.length]!;
				if (one.y <= at !== other.y <= at) crossings.push(one.x + ((at - one.y) / (other.y - one.y)) * (other.x - one.x));
			}
			crossings.sort((one, other) => one - other);
			for (let n = 0; n + 1 < crossings.length; n += 2) {
				const from = Math.max(0, crossings[n]!);
				const to = Math.min(side, crossings[n + 1]!);
				for (let x = Math.floor(from); x < Math.min(side, Math.ceil(to)); x++) {
					cover[x]! += Math.max(0, Math.min(to, x + 1) - Math.max(from, x)) / SAMPLES;
				}
			}
		}
		for (let x = 0; x < side; x++) mask[y * side + x]! *= Math.min(1, cover[x]!);
	}
}

/** A dab of a round brush with a soft rim: towards `value` (0 erases, 255 restores). Changes `mask`. */
export function dab(mask: Mask, side: number, at: Point, radius: number, value: 0 | 255): void {
	for (let y = Math.max(0, Math.floor(at.y - radius)); y <= Math.min(side - 1, Math.ceil(at.y + radius)); y++) {
		for (let x = Math.max(0, Math.floor(at.x - radius)); x <= Math.min(side - 1, Math.ceil(at.x + radius)); x++) {
			const strength = Math.max(0, Math.min(1, (radius - Math.hypot(x + 0.5 - at.x, y + 0.5 - at.y)) / Math.max(1, radius * 0.25)));
			const now = mask[y * side + x]!;
			const next = now + (value - now) * strength;
			mask[y * side + x] = value ? Math.max(now, next) : Math.min(now, next);
		}
	}
}

/** The smallest box around what is kept; undefined when nothing is. */
export function boundsOf(mask: Mask, side: number): { x: number; y: number; width: number; height: number } | undefined {
	let left = side;
	let right = -1;
	let top = side;
	let bottom = -1;
	for (let at = 0; at < mask.length; at++) {
		if (mask[at]! < 16) continue;
		const x = at % side;
		const y = (at - x) / side;
		left = Math.min(left, x);
		right = Math.max(right, x);
		top = Math.min(top, y);
		bottom = Math.max(bottom, y);
	}
	return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** A mask grown by `radius` pixels all round: the paper that a sticker is cut out with. Exact, in time of the pixels. */
export function grown(mask: Mask, side: number, radius: number): Mask {
	const far = 1e9;
	const field = new Float64Array(side * side);
	for (let at = 0; at < mask.length; at++) field[at] = mask[at]! >= 128 ? 0 : far;
	const line = new Float64Array(side);
	const hulls = { at: new Int32Array(side), from: new Float64Array(side + 1) };
	for (let x = 0; x < side; x++) {
		for (let y = 0; y < side; y++) line[y] = field[y * side + x]!;
		const done = nearest(line, hulls);
		for (let y = 0; y < side; y++) field[y * side + x] = done[y]!;
	}
	const out = new Uint8ClampedArray(side * side);
	for (let y = 0; y < side; y++) {
		line.set(field.subarray(y * side, (y + 1) * side));
		const done = nearest(line, hulls);
		for (let x = 0; x < side; x++) out[y * side + x] = 255 * Math.max(0, Math.min(1, radius + 0.5 - Math.sqrt(done[x]!)));
	}
	return out;
}

/** Squared distance to the nearest, one dimension at a time (Felzenszwalb and Huttenlocher, 2012). */
function nearest(values: Float64Array, { at, from }: { at: Int32Array; from: Float64Array }): Float64Array {
	const count = values.length;
	const out = new Float64Array(count);
	let last = 0;
	at[0] = 0;
	from[0] = -Infinity;
	from[1] = Infinity;
	for (let q = 1; q < count; q++) {
		const meet = () => (values[q]! + q * q - (values[at[last]!]! + at[last]! ** 2)) / (2 * q - 2 * at[last]!);
		let where = meet();
		while (where <= from[last]!) {
			last--;
			where = meet();
		}
		at[++last] = q;
		from[last] = where;
		from[last + 1] = Infinity;
	}
	let k = 0;
	for (let q = 0; q < count; q++) {
		while (from[k + 1]! < q) k++;
		out[q] = (q - at[k]!) ** 2 + values[at[k]!]!;
	}
	return out;
}
