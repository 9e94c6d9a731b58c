/** Vector stickers: the player (fetched when the first one is seen), and files that were read once. */

import type { AnimationItem, LottiePlayer } from 'lottie-web';
import type { StickerCard } from '$lib/engine/types';
import { fileOf } from './emoji';

const FILES_MAX = 96;

let player: Promise<LottiePlayer> | undefined;
const files = new Map<string, Promise<string>>();
let turn: Promise<unknown> = Promise.resolve();

function playerOf(): Promise<LottiePlayer> {
	// The light build: no expressions, so no code is ever made from a sticker.
	player ??= import('lottie-web/build/player/lottie_light').then((module) => module.default);
	player.catch(() => (player = undefined));
	return player;
}

function textOf(card: StickerCard): Promise<string> {
	let text = files.get(card.id);
	if (text) files.delete(card.id);
	else {
		text = fetch(fileOf(card), { credentials: 'same-origin' }).then((answer) => {
			if (!answer.ok) throw new Error(`sticker ${answer.status}`);
			return answer.text();
		});
		text.catch(() => files.delete(card.id));
	}
	// The one used last goes last: the first is the one to forget.
	files.set(card.id, text);
	if (files.size > FILES_MAX) files.delete(files.keys().next().value!);
	return text;
}

/** Draw a sticker in an element, at rest. Many at once come one a frame, so that the page stays quick. */
export async function drawn(card: StickerCard, container: HTMLElement, signal: AbortSignal): Promise<AnimationItem | undefined> {
	const [lottie, text] = await Promise.all([playerOf(), textOf(card)]);
	const before = turn;
	let done = () => {};
	turn = new Promise<void>((resolve) => (done = resolve));
	await before;
	setTimeout(done, 8);
	if (signal.aborted) return undefined;
	const animation = lottie.loadAnimation({
		container,
		renderer: 'svg',
		loop: true,
		autoplay: false,
		// The player changes what it is given: each drawing gets its own.
		animationData: JSON.parse(text),
		rendererSettings: { progressiveLoad: false, hideOnTransparent: true, focusable: false }
	});
	animation.goToAndStop(card.still ?? 0, true);
	return animation;
}
