/** What pointers and keys do on a slider: drag, arrows, Home and End. The element says its role and values itself. */

import type { Attachment } from 'svelte/attachments';

export interface Slide {
	value: () => number;
	max: () => number;
	/** By how much an arrow key moves. */
	step: number;
	onslide: (value: number) => void;
	/** Called when a drag begins and ends. */
	ondrag?: (dragging: boolean) => void;
}

export function slides({ value, max, step, onslide, ondrag }: Slide): Attachment<HTMLElement> {
	return (node) => {
		let dragging = false;

		function at(event: PointerEvent): number {
			const { left, width } = node.getBoundingClientRect();
			const share = Math.min(1, Math.max(0, (event.clientX - left) / (width || 1)));
			return (document.dir === 'rtl' ? 1 - share : share) * max();
		}
		function down(event: PointerEvent) {
			if (event.button !== 0) return;
			// A drag here is no swipe of what lies beneath.
			event.stopPropagation();
			node.setPointerCapture(event.pointerId);
			dragging = true;
			ondrag?.(true);
			onslide(at(event));
		}
		function move(event: PointerEvent) {
			if (!dragging) return;
			event.stopPropagation();
			onslide(at(event));
		}
		function up(event: PointerEvent) {
			if (!dragging) return;
			event.stopPropagation();
			dragging = false;
			ondrag?.(false);
		}
		function keyed(event: KeyboardEvent) {
			if (event.ctrlKey || event.metaKey || event.altKey) return;
			const forward = document.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
			const back = document.dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
			const to = { [forward]: value() + step, [back]: value() - step, Home: 0, End: max() }[event.key];
			if (to === undefined) return;
			event.preventDefault();
			event.stopPropagation();
			onslide(Math.min(max(), Math.max(0, to)));
		}
		const swallow = (event: Event) => event.stopPropagation();
		node.addEventListener('pointerdown', down);
		node.addEventListener('pointermove', move);
		node.addEventListener('pointerup', up);
		node.addEventListener('pointercancel', up);
		node.addEventListener('keydown', keyed);
		node.addEventListener('click', swallow);
		return () => {
			node.removeEventListener('pointerdown', down);
			node.removeEventListener('pointermove', move);
			node.removeEventListener('pointerup', up);
			node.removeEventListener('pointercancel', up);
			node.removeEventListener('keydown', keyed);
			node.removeEventListener('click', swallow);
		};
	};
}
