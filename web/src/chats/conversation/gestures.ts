/** What fingers do on a row: press long for its menu, swipe towards its end to reply. Mice have right clicks and buttons. */

import type { Attachment } from 'svelte/attachments';

const LONG_PRESS_MS = 450;
const SLOP_PX = 10;
const SWIPE_PX = 56;

export interface Gestures {
	onlongpress?: (at: { x: number; y: number }) => void;
	onswipe?: () => void;
}

export function gestures({ onlongpress, onswipe }: Gestures): Attachment<HTMLElement> {
	return (node) => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		let start: { x: number; y: number; id: number } | undefined;
		let pulled = 0;
		let pressed = false;

		function down(event: PointerEvent) {
			if (event.pointerType === 'mouse' || !event.isPrimary) return;
			start = { x: event.clientX, y: event.clientY, id: event.pointerId };
			pressed = false;
			// What one holds to play it has no menu under the finger.
			if (!onlongpress || (event.target as Element).closest('[data-holds]')) return;
			timer = setTimeout(() => {
				pressed = true;
				navigator.vibrate?.(10);
				onlongpress({ x: start!.x, y: start!.y });
			}, LONG_PRESS_MS);
		}
		function move(event: PointerEvent) {
			if (!start || event.pointerId !== start.id) return;
			const x = event.clientX - start.x;
			const y = event.clientY - start.y;
			if (Math.hypot(x, y) > SLOP_PX) clearTimeout(timer);
			if (!onswipe || pressed) return;
			const towardsStart = document.dir === 'rtl' ? x : -x;
			pulled = Math.abs(x) > Math.abs(y) * 1.5 && towardsStart > SLOP_PX ? Math.min(towardsStart, SWIPE_PX + 16) : 0;
			node.style.transform = pulled ? `translateX(${document.dir === 'rtl' ? pulled : -pulled}px)` : '';
		}
		function up(event: PointerEvent) {
			clearTimeout(timer);
			if (pulled >= SWIPE_PX && event.type === 'pointerup') onswipe?.();
			start = undefined;
			pulled = 0;
			node.style.transform = '';
		}
		/** The click and the browser's own menu that follow a long press are not meant. */
		function swallow(event: Event) {
			if (!pressed) return;
			event.preventDefault();
			event.stopPropagation();
			if (event.type === 'click') pressed = false;
		}
		node.addEventListener('pointerdown', down);
		node.addEventListener('pointermove', move);
		node.addEventListener('pointerup', up);
		node.addEventListener('pointercancel', up);
		node.addEventListener('click', swallow, true);
		node.addEventListener('contextmenu', swallow, true);
		return () => {
			clearTimeout(timer);
			node.removeEventListener('pointerdown', down);
			node.removeEventListener('pointermove', move);
			node.removeEventListener('pointerup', up);
			node.removeEventListener('pointercancel', up);
			node.removeEventListener('click', swallow, true);
			node.removeEventListener('contextmenu', swallow, true);
		};
	};
}
