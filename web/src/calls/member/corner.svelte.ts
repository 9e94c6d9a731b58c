/** A thing that floats in one of the four corners of the page and is dragged to another. */

export type Corner = 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';
const ROUND: Corner[] = ['top-right', 'bottom-right', 'bottom-left', 'top-left'];
/** Less than this is a tap and no drag, in px. */
const TAP_PX = 6;

export class Floating {
	corner = $state<Corner>('top-right');
	/** While it is dragged, from its corner. */
	x = $state(0);
	y = $state(0);
	dragging = $state(false);
	#dragged = false;

	constructor(corner: Corner = 'top-right') {
		this.corner = corner;
	}

	/** For who moves it with a key. */
	next(): void {
		this.corner = ROUND[(ROUND.indexOf(this.corner) + 1) % ROUND.length]!;
	}

	/** True once after a drag: the click that ends it means nothing. */
	wasDragged(): boolean {
		const dragged = this.#dragged;
		this.#dragged = false;
		return dragged;
	}

	readonly grab = (event: PointerEvent): void => {
		if (event.button !== 0) return;
		const element = event.currentTarget as HTMLElement;
		const { clientX, clientY, pointerId } = event;
		this.#dragged = false;
		const move = (to: PointerEvent) => {
			if (to.pointerId !== pointerId) return;
			const x = to.clientX - clientX;
			const y = to.clientY - clientY;
			if (!this.dragging && Math.hypot(x, y) < TAP_PX) return;
			if (!this.dragging) element.setPointerCapture(pointerId);
			this.dragging = true;
			this.x = x;
			this.y = y;
		};
		const drop = (at: PointerEvent) => {
			if (at.pointerId !== pointerId) return;
			removeEventListener('pointermove', move);
			removeEventListener('pointerup', drop);
			removeEventListener('pointercancel', drop);
			if (!this.dragging) return;
			const box = element.getBoundingClientRect();
			const area = (element.offsetParent ?? document.documentElement).getBoundingClientRect();
			const left = box.left + box.width / 2 < area.left + area.width / 2;
			const top = box.top + box.height / 2 < area.top + area.height / 2;
			this.corner = `${top ? 'top' : 'bottom'}-${left ? 'left' : 'right'}`;
			this.x = this.y = 0;
			this.dragging = false;
			this.#dragged = true;
		};
		addEventListener('pointermove', move);
		addEventListener('pointerup', drop);
		addEventListener('pointercancel', drop);
	};
}
