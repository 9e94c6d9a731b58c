/** Makes the picture that is sent of a picture and what was done to it. */

import { fitted, toView, viewRect, viewSize, whole, type Orientation, type Rect, type Size } from './geometry';
import { pathOf, type Stroke } from './strokes';

export interface Edits extends Orientation {
	/** In the picture's pixels; undefined is all of it. */
	crop?: Rect;
	strokes: readonly Stroke[];
}

export const UNTOUCHED: Edits = { turns: 0, flipped: false, strokes: [] };

/** The longest side of what is made: more than the house's largest size (2560), and less than phones refuse to draw. */
const OUTPUT_PX = 4096;
const JPEG_QUALITY = 0.92;

export const isTouched = ({ turns, flipped, crop, strokes }: Edits) => !!(turns || flipped || crop || strokes.length);

/** What is seen of a picture of this size: its part of the view. */
export const shownPart = (size: Size, edits: Edits): Rect =>
	edits.crop ? viewRect(size, edits, edits.crop) : whole(viewSize(size, edits));

/**
 * Draws the picture over the whole of the canvas. `size` is the picture's own; `image` may be a smaller copy of it.
 * `part`, in the view's pixels, is what is seen.
 */
export function draw(canvas: HTMLCanvasElement, image: CanvasImageSource, size: Size, edits: Edits, part: Rect): void {
	const context = canvas.getContext('2d');
	if (!context) return;
	const scale = canvas.width / part.width;
	context.setTransform(1, 0, 0, 1, 0, 0);
	context.clearRect(0, 0, canvas.width, canvas.height);
	context.imageSmoothingQuality = 'high';
	context.setTransform(scale, 0, 0, scale, -part.x * scale, -part.y * scale);
	context.transform(...toView(size, edits));
	context.drawImage(image, 0, 0, size.width, size.height);
	for (const stroke of edits.strokes) {
		context.fillStyle = stroke.colour;
		context.fill(new Path2D(pathOf(stroke)));
	}
}

export function encoded(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
	return new Promise((resolve, reject) => {
		canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The canvas gave no picture'))), type, JPEG_QUALITY);
	});
}

/** The picture as edited, as PNG when it was one (it may be see-through) and as JPEG else. */
export async function rendered(file: Blob, edits: Edits): Promise<{ file: Blob; size: Size }> {
	const image = await createImageBitmap(file);
	try {
		const part = shownPart(image, edits);
		const size = fitted(part, OUTPUT_PX);
		const canvas = Object.assign(document.createElement('canvas'), size);
		draw(canvas, image, image, edits, part);
		return { file: await encoded(canvas, file.type === 'image/png' ? 'image/png' : 'image/jpeg'), size };
	} finally {
		image.close();
	}
}
