/** How large a picture or video stands in a bubble: known from its numbers, before a byte of it is here. */

export interface Box {
	/** CSS pixels; a narrow screen may give less, and the height follows by `ratio`. */
	width: number;
	/** Width to height of the box. */
	ratio: number;
	/** The whole does not fill the box: it is shown on a blurred ground instead of being cut. */
	inset: boolean;
}

const WIDTH_MAX = 420;
const HEIGHT_MAX = 440;
const SIDE_MIN = 120;
/** Words below need room. */
const CAPTIONED_MIN = 240;
const RATIO_MIN = 0.5;
const RATIO_MAX = 2.6;
/** Cut off up to this share of the longer side rather than leave stripes. */
const CUT_MAX = 0.12;

export function boxOf(width: number, height: number, captioned = false): Box {
	const own = width > 0 && height > 0 ? width / height : 4 / 3;
	const ratio = Math.min(RATIO_MAX, Math.max(RATIO_MIN, own));
	const fitted = Math.min(WIDTH_MAX, HEIGHT_MAX * ratio, Math.max(width || WIDTH_MAX, SIDE_MIN * Math.max(1, ratio)));
	const least = captioned ? CAPTIONED_MIN : SIDE_MIN;
	const shown = Math.round(Math.max(least, fitted));
	// Made wider for the words alone, it keeps its height.
	const box = shown > fitted ? shown / Math.max(SIDE_MIN, fitted / ratio) : ratio;
	const cut = 1 - Math.min(box / own, own / box);
	return { width: shown, ratio: box, inset: cut > CUT_MAX };
}
