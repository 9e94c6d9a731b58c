/** The picture grows out of its place in the list, and goes back into it. */

import { placeInList } from './viewer.svelte';

const FLIGHT_MS = 230;

/** The change that lays `content` over the place it came from; undefined when that is not on screen. */
function overPlace(content: HTMLElement, key: string, index: number): Keyframe | undefined {
	const place = placeInList(key, index)?.getBoundingClientRect();
	const log = document.querySelector('[role=log]')?.getBoundingClientRect();
	if (!place?.width || !log || place.bottom < log.top || place.top > log.bottom) return;
	const own = content.getBoundingClientRect();
	if (!own.width) return;
	const scale = Math.max(place.width / own.width, place.height / own.height);
	const x = place.left + place.width / 2 - own.left - own.width / 2;
	const y = place.top + place.height / 2 - own.top - own.height / 2;
	const cutX = Math.max(0, (own.width - place.width / scale) / 2);
	const cutY = Math.max(0, (own.height - place.height / scale) / 2);
	return { transform: `translate(${x}px, ${y}px) scale(${scale})`, clipPath: `inset(${cutY}px ${cutX}px round ${12 / scale}px)` };
}

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

export function flyIn(content: HTMLElement, key: string, index: number): void {
	const from = !still() && overPlace(content, key, index);
	if (from) content.animate([from, { transform: 'none', clipPath: 'inset(0)' }], { duration: FLIGHT_MS, easing: 'cubic-bezier(.2,.8,.2,1)' });
}

/** Resolves when it is there. */
export async function flyBack(content: HTMLElement, key: string, index: number): Promise<void> {
	const to = !still() && overPlace(content, key, index);
	if (!to) return;
	await content.animate([{ transform: 'none', clipPath: 'inset(0)' }, to], {
		duration: FLIGHT_MS,
		easing: 'cubic-bezier(.4,0,.2,1)',
		fill: 'forwards'
	}).finished;
}
