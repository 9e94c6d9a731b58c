/** The picture on an editor's stage: a copy that is small enough to be drawn at each move, as large as there is room. */

import { fitted, type Rect, type Size } from './geometry';
import type { Item } from './items.svelte';
import { draw, type Edits } from './render';

/** The longest side of the copy that is drawn on the screen. */
const COPY_PX = 2048;

export class Surface {
	image = $state.raw<ImageBitmap | undefined>();
	/** Of the room on the stage, in CSS pixels. */
	room = $state.raw<Size>({ width: 0, height: 0 });

	constructor(private readonly item: Item) {
		const { width, height } = fitted(item, COPY_PX);
		$effect(() => {
			let gone = false;
			void createImageBitmap(item.file, { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' }).then((image) => {
				if (gone) image.close();
				else this.image = image;
			});
			return () => {
				gone = true;
				this.image?.close();
			};
		});
	}

	/** Follows the size of the stage. */
	watch = (node: HTMLElement) => {
		const observer = new ResizeObserver(([entry]) => {
			this.room = { width: entry!.contentRect.width, height: entry!.contentRect.height };
		});
		observer.observe(node);
		return () => observer.disconnect();
	};

	/** CSS pixels for one of the view, so that this part of it fits the room. */
	scaleOf(part: Size): number {
		return Math.min(this.room.width / part.width, this.room.height / part.height);
	}

	paint(canvas: HTMLCanvasElement, edits: Edits, part: Rect): void {
		const scale = this.scaleOf(part);
		if (!this.image || !(scale > 0)) return;
		const dense = Math.min(devicePixelRatio || 1, 2);
		canvas.width = Math.max(1, Math.round(part.width * scale * dense));
		canvas.height = Math.max(1, Math.round(part.height * scale * dense));
		draw(canvas, this.image, this.item, edits, part);
	}
}
