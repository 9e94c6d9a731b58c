/** The square part of a picture that becomes a profile picture, in the picture's own pixels. */

export interface Crop {
	/** Centre of the square. */
	x: number;
	y: number;
	/** How much closer than the largest square that fits: 1 to ZOOM_MAX. */
	zoom: number;
}

export const ZOOM_MAX = 4;
/** Enough for the largest size that the house serves (384 px) on a dense screen. */
const OUTPUT_PX = 768;
const JPEG_QUALITY = 0.9;

export interface Size {
	width: number;
	height: number;
}

export const sideOf = ({ width, height }: Size, zoom: number) => Math.min(width, height) / zoom;

/** The nearest crop that does not leave the picture. */
export function fit(size: Size, crop: Crop): Crop {
	const zoom = Math.min(ZOOM_MAX, Math.max(1, crop.zoom));
	const half = sideOf(size, zoom) / 2;
	const clamp = (value: number, full: number) => Math.min(full - half, Math.max(half, value));
	return { x: clamp(crop.x, size.width), y: clamp(crop.y, size.height), zoom };
}

/** Draws the crop over the whole of a square canvas. */
export function draw(canvas: HTMLCanvasElement, image: ImageBitmap, crop: Crop): void {
	const context = canvas.getContext('2d');
	if (!context) return;
	const side = sideOf(image, crop.zoom);
	context.imageSmoothingQuality = 'high';
	// JPEG has no transparency: what is see-through becomes white, not black.
	context.fillStyle = '#ffffff';
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.drawImage(image, crop.x - side / 2, crop.y - side / 2, side, side, 0, 0, canvas.width, canvas.height);
}

export async function cut(image: ImageBitmap, crop: Crop): Promise<Blob> {
	const canvas = document.createElement('canvas');
	canvas.width = canvas.height = Math.min(OUTPUT_PX, Math.ceil(sideOf(image, crop.zoom)));
	draw(canvas, image, crop);
	return new Promise((resolve, reject) => {
		canvas.toBlob(
			(blob) => (blob ? resolve(blob) : reject(new Error('The canvas gave no picture'))),
			'image/jpeg',
			JPEG_QUALITY
		);
	});
}
