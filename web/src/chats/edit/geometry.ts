/**
 * Crop, turn and flip. A picture's own pixels are the frame of reference: what is kept of an edit (the crop, the strokes)
 * is told in them, so that a later turn moves all of it along. The view is the picture as it is shown: turned, then flipped.
 */

export interface Size {
	width: number;
	height: number;
}

export interface Point {
	x: number;
	y: number;
}

export interface Rect extends Point, Size {}

export interface Orientation {
	/** Quarter turns clockwise: 0 to 3. */
	turns: number;
	/** Left and right exchanged, after the turns. */
	flipped: boolean;
}

/** The smallest side of a crop, as a share of the picture's. */
const CROP_MIN = 0.05;

export const whole = ({ width, height }: Size): Rect => ({ x: 0, y: 0, width, height });

export function viewSize({ width, height }: Size, { turns }: Orientation): Size {
	return turns % 2 ? { width: height, height: width } : { width, height };
}

/** From the picture to the view, as canvas and CSS write a transform. */
export function toView(size: Size, { turns, flipped }: Orientation): [number, number, number, number, number, number] {
	const { width, height } = size;
	const turned = (
		[
			[1, 0, 0, 1, 0, 0],
			[0, 1, -1, 0, height, 0],
			[-1, 0, 0, -1, width, height],
			[0, -1, 1, 0, 0, width]
		] as const
	)[turns % 4]!;
	const [a, b, c, d, e, f] = turned;
	return flipped ? [-a, b, -c, d, viewSize(size, { turns, flipped }).width - e, f] : [a, b, c, d, e, f];
}

export function viewPoint(size: Size, orientation: Orientation, { x, y }: Point): Point {
	const [a, b, c, d, e, f] = toView(size, orientation);
	return { x: a * x + c * y + e, y: b * x + d * y + f };
}

export function picturePoint(size: Size, orientation: Orientation, { x, y }: Point): Point {
	const [a, b, c, d, e, f] = toView(size, orientation);
	const determinant = a * d - b * c;
	return { x: (d * (x - e) - c * (y - f)) / determinant, y: (a * (y - f) - b * (x - e)) / determinant };
}

function between(one: Point, other: Point): Rect {
	const x = Math.min(one.x, other.x);
	const y = Math.min(one.y, other.y);
	return { x, y, width: Math.abs(one.x - other.x), height: Math.abs(one.y - other.y) };
}

const corner = ({ x, y, width, height }: Rect): Point => ({ x: x + width, y: y + height });

export function viewRect(size: Size, orientation: Orientation, rect: Rect): Rect {
	return between(viewPoint(size, orientation, rect), viewPoint(size, orientation, corner(rect)));
}

export function pictureRect(size: Size, orientation: Orientation, rect: Rect): Rect {
	return between(picturePoint(size, orientation, rect), picturePoint(size, orientation, corner(rect)));
}

/** Moves a crop without leaving the view. */
export function moved(view: Size, rect: Rect, dx: number, dy: number): Rect {
	return {
		...rect,
		x: Math.min(view.width - rect.width, Math.max(0, rect.x + dx)),
		y: Math.min(view.height - rect.height, Math.max(0, rect.y + dy))
	};
}

/** Where a handle of a crop sits: -1 at the left or top edge, 1 at the right or bottom one, 0 between. */
export interface Handle {
	x: -1 | 0 | 1;
	y: -1 | 0 | 1;
}

/** Moves one handle of a crop; what lies opposite stays. `ratio` (width by height) is kept; 0 is free. */
export function resized(view: Size, rect: Rect, handle: Handle, dx: number, dy: number, ratio = 0): Rect {
	const least = { width: view.width * CROP_MIN, height: view.height * CROP_MIN };
	const end = corner(rect);
	// What stays: the opposite edge; of an axis without a handle, the middle.
	const anchor = {
		x: handle.x < 0 ? end.x : handle.x > 0 ? rect.x : rect.x + rect.width / 2,
		y: handle.y < 0 ? end.y : handle.y > 0 ? rect.y : rect.y + rect.height / 2
	};
	const room = {
		width: handle.x < 0 ? anchor.x : handle.x > 0 ? view.width - anchor.x : 2 * Math.min(anchor.x, view.width - anchor.x),
		height: handle.y < 0 ? anchor.y : handle.y > 0 ? view.height - anchor.y : 2 * Math.min(anchor.y, view.height - anchor.y)
	};
	const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
	let width = handle.x ? clamp(rect.width + dx * handle.x, least.width, room.width) : rect.width;
	let height = handle.y ? clamp(rect.height + dy * handle.y, least.height, room.height) : rect.height;
	if (ratio) {
		const wider = handle.x && (!handle.y || width / ratio >= height) ? width : height * ratio;
		width = clamp(wider, Math.max(least.width, least.height * ratio), Math.min(room.width, room.height * ratio));
		height = width / ratio;
	}
	return {
		x: handle.x < 0 ? anchor.x - width : handle.x > 0 ? anchor.x : anchor.x - width / 2,
		y: handle.y < 0 ? anchor.y - height : handle.y > 0 ? anchor.y : anchor.y - height / 2,
		width,
		height
	};
}

/** The largest crop of a ratio inside another one, about its middle. */
export function shaped(rect: Rect, ratio: number): Rect {
	if (!ratio) return rect;
	const width = Math.min(rect.width, rect.height * ratio);
	const height = width / ratio;
	return { x: rect.x + (rect.width - width) / 2, y: rect.y + (rect.height - height) / 2, width, height };
}

/** The size that fits into a square of this side, of the same shape and never larger. */
export function fitted({ width, height }: Size, side: number): Size {
	const scale = Math.min(1, side / Math.max(width, height));
	return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
