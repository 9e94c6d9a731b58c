/** Tells when an element comes into sight and leaves it; many share one observer. */

import type { Attachment } from 'svelte/attachments';

type Told = (visible: boolean) => void;
const observers = new Map<number, { observer: IntersectionObserver; told: WeakMap<Element, Told> }>();

function observerOf(share: number) {
	let found = observers.get(share);
	if (!found) {
		const told = new WeakMap<Element, Told>();
		const observer = new IntersectionObserver(
			(entries) => {
				for (const entry of entries) told.get(entry.target)?.(entry.isIntersecting && entry.intersectionRatio >= share - 0.01);
			},
			{ threshold: [0, share] }
		);
		found = { observer, told };
		observers.set(share, found);
	}
	return found;
}

/** `share` of it, from 0 to 1, must be in sight. A page in the background has nothing in sight. */
export function inSight(share: number, ontold: Told): Attachment<HTMLElement> {
	return (node) => {
		const { observer, told } = observerOf(share);
		let shown = false;
		let last = false;
		const tell = () => {
			const visible = shown && !document.hidden;
			if (visible !== last) ontold((last = visible));
		};
		told.set(node, (visible) => {
			shown = visible;
			tell();
		});
		observer.observe(node);
		document.addEventListener('visibilitychange', tell);
		return () => {
			observer.unobserve(node);
			told.delete(node);
			document.removeEventListener('visibilitychange', tell);
		};
	};
}
