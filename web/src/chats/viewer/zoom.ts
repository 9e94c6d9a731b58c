/** Where a picture lies while one zooms into it and moves it about: pure numbers, in CSS pixels from the middle. */

export interface View {
	scale: number;
	x: number;
	y: number;
}

export interface Size {
	width: number;
	height: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
export const SCALE_MAX = 6;
/** What a double tap and the first press of + bring. */
export const SCALE_NEAR = 2.5;

/** The largest size with these proportions that fits; never larger than life by more than `enlarge`. */
export function fitted(own: Size, room: Size, enlarge = 2): Size {
	const width = own.width || 4;
	const height = own.height || 3;
	const scale = Math.min(room.width / width, room.height / height, own.width ? enlarge : Infinity);
	return { width: width * scale, height: height * scale };
}

/** No edge of the picture comes further in than the edge of the room, or the middle where it is smaller. */
export function held(view: View, picture: Size, room: Size): View {
	const scale = Math.min(SCALE_MAX, Math.max(1, view.scale));
	const far = (own: number, all: number) => Math.max(0, (own * scale - all) / 2);
	const limit = (value: number, most: number) => Math.min(most, Math.max(-most, value));
	return { scale, x: limit(view.x, far(picture.width, room.width)), y: limit(view.y, far(picture.height, room.height)) };
}

/** Zoom so that what is at `x`, `y` stays there. */
export function zoomedAt(view: View, scale: number, x: number, y: number): View {
	const to = Math.min(SCALE_MAX, Math.max(1, scale));
	const factor = to / view.scale;
	return { scale: to, x: x - (x - view.x) * factor, y: y - (y - view.y) * factor };
}
