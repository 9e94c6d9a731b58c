/**
 * What fingers, mouse and wheel do with the picture: pinch, wheel and double tap zoom, a drag moves what is zoomed; of
 * what is not, it leafs on sideways and closes up or down.
 */

import type { Attachment } from 'svelte/attachments';
import { held, SCALE_NEAR, WHOLE, zoomedAt, type Size, type View } from './zoom';

export interface StageEvents {
	/** Its size when it is not zoomed. */
	picture: () => Size;
	/** Only pictures are zoomed. */
	zooms: () => boolean;
	onstep: (by: 1 | -1) => boolean;
	onclose: () => void;
	/** A short press that is not the first of two. */
	ontap: (event: PointerEvent) => void;
}

const SLOP_PX = 8;
const DOUBLE_MS = 260;
const DOUBLE_PX = 30;
/** A drag over this share of the width, or this fast, leafs on. */
const STEP_SHARE = 0.25;
const FLICK_PX_MS = 0.45;
const CLOSE_PX = 110;

export class Stage {
	view: View = $state.raw(WHOLE);
	/** How far the row of pictures is pulled sideways, and the picture up or down: pixels. */
	pulled = $state(0);
	dropped = $state(0);
	/** Fingers are on it: nothing glides. */
	touched = $state(false);

	readonly #on: StageEvents;
	#node: HTMLElement | undefined;
	readonly #pointers = new Map<number, { x: number; y: number }>();
	#start: { x: number; y: number; at: number; view: View } | undefined;
	#axis: '' | 'x' | 'y' | 'pan' | 'pinch' = '';
	#spread = 0;
	#lastTap: { x: number; y: number; at: number } | undefined;
	#tap: ReturnType<typeof setTimeout> | undefined;

	constructor(on: StageEvents) {
		this.#on = on;
	}

	readonly follow: Attachment<HTMLElement> = (node) => {
		this.#node = node;
		const move = (event: PointerEvent) => this.#moved(event);
		const up = (event: PointerEvent) => this.#lifted(event);
		const down = (event: PointerEvent) => this.#pressed(event);
		const wheel = (event: WheelEvent) => this.#wheeled(event);
		node.addEventListener('pointerdown', down);
		node.addEventListener('wheel', wheel, { passive: false });
		// On the window, so that what lies in the picture hears its own presses end.
		addEventListener('pointermove', move);
		addEventListener('pointerup', up);
		addEventListener('pointercancel', up);
		return () => {
			clearTimeout(this.#tap);
			node.removeEventListener('pointerdown', down);
			node.removeEventListener('wheel', wheel);
			removeEventListener('pointermove', move);
			removeEventListener('pointerup', up);
			removeEventListener('pointercancel', up);
		};
	};

	reset(): void {
		this.view = WHOLE;
		this.pulled = this.dropped = 0;
	}

	/** By keys and buttons, about the middle. */
	zoom(factor: number): void {
		if (this.#on.zooms()) this.#show(zoomedAt(this.view, this.view.scale * factor, 0, 0));
	}

	get #room(): Size {
		return { width: this.#node?.clientWidth ?? innerWidth, height: this.#node?.clientHeight ?? innerHeight };
	}

	#show(view: View): void {
		this.view = held(view, this.#on.picture(), this.#room);
	}

	/** From the middle of the stage. */
	#at({ clientX, clientY }: { clientX: number; clientY: number }): { x: number; y: number } {
		const { left, top, width, height } = this.#node!.getBoundingClientRect();
		return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
	}

	#pressed(event: PointerEvent): void {
		if (event.button !== 0) return;
		const at = this.#at(event);
		this.#pointers.set(event.pointerId, at);
		this.touched = true;
		if (this.#pointers.size === 1) {
			this.#axis = '';
			this.#start = { ...at, at: event.timeStamp, view: this.view };
		} else if (this.#pointers.size === 2 && this.#on.zooms()) {
			this.#axis = 'pinch';
			this.pulled = this.dropped = 0;
			this.#spread = this.#apart();
		}
	}

	#moved(event: PointerEvent): void {
		const before = this.#pointers.get(event.pointerId);
		if (!before || !this.#start) return;
		const at = this.#at(event);
		this.#pointers.set(event.pointerId, at);
		if (this.#axis === 'pinch') {
			if (this.#pointers.size < 2) return;
			const apart = this.#apart();
			const middle = this.#middle();
			const moved = { ...this.view, x: this.view.x + (at.x - before.x) / 2, y: this.view.y + (at.y - before.y) / 2 };
			this.#show(zoomedAt(moved, moved.scale * (apart / (this.#spread || 1)), middle.x, middle.y));
			this.#spread = apart;
			return;
		}
		const x = at.x - this.#start.x;
		const y = at.y - this.#start.y;
		if (!this.#axis) {
			if (Math.hypot(x, y) < SLOP_PX) return;
			this.#axis = this.view.scale > 1 ? 'pan' : Math.abs(x) > Math.abs(y) ? 'x' : 'y';
		}
		if (this.#axis === 'pan') this.#show({ ...this.#start.view, x: this.#start.view.x + x, y: this.#start.view.y + y });
		else if (this.#axis === 'x') this.pulled = x;
		else this.dropped = y;
	}

	#lifted(event: PointerEvent): void {
		if (!this.#pointers.delete(event.pointerId)) return;
		if (this.#pointers.size) {
			// One finger of two goes on as a drag.
			const [left] = this.#pointers.values();
			if (left && this.#start) this.#start = { ...left, at: event.timeStamp, view: this.view };
			if (this.#axis === 'pinch') this.#axis = 'pan';
			return;
		}
		this.touched = false;
		const { pulled, dropped } = this;
		const took = event.timeStamp - (this.#start?.at ?? 0);
		const axis = this.#axis;
		this.#start = undefined;
		this.#axis = '';
		const cancelled = event.type === 'pointercancel';
		if (axis === 'x') {
			const far = Math.abs(pulled) > this.#room.width * STEP_SHARE || Math.abs(pulled) / took > FLICK_PX_MS;
			this.pulled = 0;
			if (far && !cancelled) this.#on.onstep(pulled < 0 ? 1 : -1);
		} else if (axis === 'y') {
			if (!cancelled && (Math.abs(dropped) > CLOSE_PX || Math.abs(dropped) / took > FLICK_PX_MS * 1.6)) this.#on.onclose();
			else this.dropped = 0;
		} else if (!axis && !cancelled) {
			this.#tapped(event);
		}
	}

	#tapped(event: PointerEvent): void {
		const at = this.#at(event);
		const last = this.#lastTap;
		clearTimeout(this.#tap);
		if (last && event.timeStamp - last.at < DOUBLE_MS && Math.hypot(at.x - last.x, at.y - last.y) < DOUBLE_PX && this.#on.zooms()) {
			this.#lastTap = undefined;
			if (this.view.scale > 1) this.view = WHOLE;
			else this.#show(zoomedAt(this.view, SCALE_NEAR, at.x, at.y));
			return;
		}
		this.#lastTap = { ...at, at: event.timeStamp };
		if (this.#on.zooms()) this.#tap = setTimeout(() => this.#on.ontap(event), DOUBLE_MS);
		else this.#on.ontap(event);
	}

	#wheeled(event: WheelEvent): void {
		if (!this.#on.zooms()) return;
		event.preventDefault();
		const { x, y } = this.#at(event);
		// A pinch on a touchpad comes as a wheel with Ctrl, in finer steps.
		const factor = Math.exp(-event.deltaY * (event.ctrlKey ? 0.012 : 0.0022));
		this.#show(zoomedAt(this.view, this.view.scale * factor, x, y));
	}

	#apart(): number {
		const [one, other] = [...this.#pointers.values()];
		return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
	}

	#middle(): { x: number; y: number } {
		const [one, other] = [...this.#pointers.values()];
		return one && other ? { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 } : { x: 0, y: 0 };
	}
}
