/** Context menus and pop-up menus: `openMenu(where, items)`, where is the event or the element it belongs to. */

import type { Snippet } from 'svelte';
import type { IconName } from './icons';

export interface MenuItem {
	label: string;
	icon?: IconName;
	danger?: boolean;
	checked?: boolean;
	disabled?: boolean;
	onclick: () => void;
}

interface OpenMenu {
	x: number;
	y: number;
	items: (MenuItem | 'line')[];
	/** Above the items, such as a row of quick reactions. */
	header?: Snippet;
	returnTo?: HTMLElement | null;
}

export const menu = $state<{ open?: OpenMenu }>({});

export function openMenu(
	where: MouseEvent | HTMLElement | { x: number; y: number },
	items: (MenuItem | 'line' | false | undefined)[],
	header?: Snippet
): void {
	let x: number, y: number;
	if (where instanceof Event) where.preventDefault();
	const anchor = where instanceof HTMLElement ? where : where instanceof Event ? (where.currentTarget as HTMLElement) : null;
	// A menu asked for by keyboard has no pointer position: it opens under its element.
	if (anchor && (where instanceof HTMLElement || ((where as MouseEvent).clientX === 0 && (where as MouseEvent).clientY === 0))) {
		const box = anchor.getBoundingClientRect();
		x = box.left;
		y = box.bottom + 4;
	} else if (where instanceof HTMLElement) {
		return;
	} else {
		x = where instanceof Event ? where.clientX : where.x;
		y = where instanceof Event ? where.clientY : where.y;
	}
	menu.open = {
		x,
		y,
		items: items.filter((item) => item !== false && item !== undefined),
		header,
		returnTo: document.activeElement as HTMLElement | null
	};
}

export function closeMenu(): void {
	const returnTo = menu.open?.returnTo;
	menu.open = undefined;
	if (returnTo?.isConnected) returnTo.focus({ preventScroll: true });
}
