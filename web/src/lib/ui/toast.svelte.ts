/** A short word at the bottom of the screen: `toast('Copied')`, or with one action. */

export interface Toast {
	id: number;
	text: string;
	kind: 'plain' | 'error';
	action?: { label: string; onclick: () => void };
}

const SHOWN_MS = 3000;
const SHOWN_AT_ONCE_MAX = 3;
let next = 0;

export const toasts = $state<Toast[]>([]);

export function toast(text: string, options: { kind?: Toast['kind']; action?: Toast['action'] } = {}): void {
	const id = next++;
	toasts.push({ id, text, kind: options.kind ?? 'plain', action: options.action });
	if (toasts.length > SHOWN_AT_ONCE_MAX) toasts.shift();
	setTimeout(() => dismiss(id), options.action || options.kind === 'error' ? SHOWN_MS * 2 : SHOWN_MS);
}

export function dismiss(id: number): void {
	const at = toasts.findIndex((shown) => shown.id === id);
	if (at >= 0) toasts.splice(at, 1);
}
