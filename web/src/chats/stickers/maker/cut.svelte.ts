/** The picture on the table: where it lies in the square, what of it is kept, and what the sticker will look like. */

import { boundsOf, dab, grown, keepInside, smoothed, whole, withoutBackground, type Mask, type Point } from './cutout';

export const SIDE = 512;
export type Tool = 'move' | 'lasso' | 'erase' | 'restore';

const UNDO_MAX = 20;
const EDGE = 4;
/** A figure is never enlarged more than this: it would look soft. */
const ENLARGED_MAX = 2;
const QUALITY = 0.92;

export class Cut {
	readonly #source = document.createElement('canvas');
	readonly #shown = document.createElement('canvas');
	#picture: ImageBitmap;
	#mask: Mask = whole(SIDE);
	#past: Mask[] = [];
	zoom = $state(1);
	#at: Point = { x: 0, y: 0 };
	/** Grows with each change: who draws reads it. */
	version = $state(0);
	canUndo = $state(false);
	cut = $state(false);

	constructor(picture: ImageBitmap) {
		this.#picture = picture;
		for (const canvas of [this.#source, this.#shown]) canvas.width = canvas.height = SIDE;
		this.#place();
	}

	/** Move the picture by so many of the square's pixels. What was cut is whole again. */
	move(by: Point): void {
		this.#at = { x: this.#at.x + by.x, y: this.#at.y + by.y };
		this.#place();
	}

	zoomTo(zoom: number): void {
		this.zoom = zoom;
		this.#place();
	}

	#place(): void {
		const { width, height } = this.#picture;
		const scale = (SIDE / Math.max(width, height)) * this.zoom;
		const reach = (size: number) => Math.max(SIDE, size * scale) / 2;
		this.#at = {
			x: Math.max(-reach(width), Math.min(reach(width), this.#at.x)),
			y: Math.max(-reach(height), Math.min(reach(height), this.#at.y))
		};
		const context = this.#source.getContext('2d', { willReadFrequently: true })!;
		context.clearRect(0, 0, SIDE, SIDE);
		context.imageSmoothingQuality = 'high';
		const left = SIDE / 2 + this.#at.x - (width * scale) / 2;
		const top = SIDE / 2 + this.#at.y - (height * scale) / 2;
		context.drawImage(this.#picture, left, top, width * scale, height * scale);
		this.#past = [];
		this.#mask = whole(SIDE);
		this.#changed(false);
	}

	/** Remember how it is, before something changes it. */
	mark(): void {
		this.#past = [...this.#past.slice(1 - UNDO_MAX), this.#mask.slice()];
	}

	undo(): void {
		const before = this.#past.pop();
		if (before) this.#mask = before;
		this.#changed(this.#past.length > 0);
	}

	#base: Mask | undefined;

	/** Take the background away; called again while one tries how much. */
	automatic(tolerance: number, first: boolean): void {
		if (first || !this.#base) {
			this.mark();
			this.#base = this.#mask.slice();
		}
		const found = withoutBackground(this.#pixels(), SIDE, tolerance);
		const base = this.#base;
		this.#mask = found.map((kept, at) => Math.min(kept, base[at]!));
		this.#changed();
	}

	lasso(points: Point[]): void {
		const line = smoothed(points);
		if (line.length < 6) return;
		this.mark();
		keepInside(this.#mask, SIDE, line);
		this.#base = undefined;
		this.#changed();
	}

	brush(at: Point, radius: number, restore: boolean): void {
		dab(this.#mask, SIDE, at, radius, restore ? 255 : 0);
		this.#base = undefined;
		this.#changed();
	}

	/** The picture with what was cut away faint, so that it can be brought back. */
	draw(canvas: HTMLCanvasElement): void {
		const context = canvas.getContext('2d')!;
		context.clearRect(0, 0, SIDE, SIDE);
		context.globalAlpha = 0.18;
		context.drawImage(this.#source, 0, 0);
		context.globalAlpha = 1;
		context.drawImage(this.#figure(), 0, 0);
	}

	/** The sticker: what is kept, as large as it fits, with paper of `outline` pixels round it. False: nothing is left. */
	finish(canvas: HTMLCanvasElement, outline: number): boolean {
		canvas.width = canvas.height = SIDE;
		const context = canvas.getContext('2d', { willReadFrequently: true })!;
		const figure = this.#figure();
		const alpha = figure.getContext('2d', { willReadFrequently: true })!.getImageData(0, 0, SIDE, SIDE).data;
		const shape = new Uint8ClampedArray(SIDE * SIDE);
		for (let at = 0; at < shape.length; at++) shape[at] = alpha[at * 4 + 3]!;
		const box = boundsOf(shape, SIDE);
		if (!box) return false;
		const room = SIDE - 2 * (EDGE + outline);
		const scale = Math.min(ENLARGED_MAX, room / Math.max(box.width, box.height));
		const width = box.width * scale;
		const height = box.height * scale;
		context.imageSmoothingQuality = 'high';
		context.drawImage(figure, box.x, box.y, box.width, box.height, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
		if (outline) this.#lay(context, outline);
		return true;
	}

	async file(outline: number): Promise<Blob | undefined> {
		const canvas = document.createElement('canvas');
		if (!this.finish(canvas, outline)) return undefined;
		// A browser that writes no WebP writes PNG: the house makes WebP of it.
		const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/webp', QUALITY));
		return made ?? undefined;
	}

	close(): void {
		this.#picture.close();
	}

	/** White paper beneath, grown from the figure. */
	#lay(context: CanvasRenderingContext2D, outline: number): void {
		const drawn = context.getImageData(0, 0, SIDE, SIDE);
		const shape = new Uint8ClampedArray(SIDE * SIDE);
		for (let at = 0; at < shape.length; at++) shape[at] = drawn.data[at * 4 + 3]!;
		const paper = grown(shape, SIDE, outline);
		const sheet = new ImageData(SIDE, SIDE);
		for (let at = 0; at < paper.length; at++) {
			sheet.data.fill(255, at * 4, at * 4 + 3);
			sheet.data[at * 4 + 3] = paper[at]!;
		}
		const under = document.createElement('canvas');
		under.width = under.height = SIDE;
		under.getContext('2d')!.putImageData(sheet, 0, 0);
		context.globalCompositeOperation = 'destination-over';
		context.drawImage(under, 0, 0);
		context.globalCompositeOperation = 'source-over';
	}

	#pixels(): Uint8ClampedArray {
		return this.#source.getContext('2d', { willReadFrequently: true })!.getImageData(0, 0, SIDE, SIDE).data;
	}

	#figure(): HTMLCanvasElement {
		const pixels = this.#source.getContext('2d', { willReadFrequently: true })!.getImageData(0, 0, SIDE, SIDE);
		for (let at = 0; at < this.#mask.length; at++) pixels.data[at * 4 + 3]! *= this.#mask[at]! / 255;
		this.#shown.getContext('2d', { willReadFrequently: true })!.putImageData(pixels, 0, 0);
		return this.#shown;
	}

	#changed(cut = true): void {
		this.cut = cut;
		this.canUndo = this.#past.length > 0;
		this.version += 1;
	}
}
