/**
 * The one player of voice messages and video notes. It outlives the conversation that it was started from, and goes on to
 * the next. One element plays all, for a browser that let it begin once lets it go on; a note that is on screen borrows
 * the element to show its picture.
 */

import { engine } from '$lib/engine';
import type { MessageWindow, ShownMessage } from '$lib/engine/contract';
import type { MediaCard } from '$lib/engine/types';
import { isSaid } from '../content/kinds';
import { leaveSound, takeSound } from '../media/sound';
import { quietSession, tellSession } from './mediaSession';
import { isPlayable, isUnheard, nextAfter, previousBefore } from './playlist';

export const SPEEDS = [1, 1.5, 2] as const;
const STORED_SPEED = 'teahouse.voiceSpeed';
/** Between one message and the next. */
const GAP_MS = 350;
/** "Back" within this starts the message again instead of going to the one before. */
const RESTART_MS = 2000;
const PAGES_MAX = 3;

function storedSpeed(): number {
	try {
		const value = Number(localStorage.getItem(STORED_SPEED));
		return SPEEDS.find((speed) => speed === value) ?? 1;
	} catch {
		return 1;
	}
}

class Player {
	/** What plays or is paused; undefined when the player is closed. */
	message: ShownMessage | undefined = $state.raw();
	playing = $state(false);
	/** It should play, but the bytes are not here yet. */
	waiting = $state(false);
	/** Milliseconds. */
	time = $state(0);
	speed = $state(storedSpeed());
	/** Milliseconds: as the house measured it, for browsers guess while they load. */
	readonly duration = $derived(this.card?.duration ?? 0);

	#element: HTMLVideoElement | undefined;
	#shelf: HTMLElement | undefined;
	#list: MessageWindow | undefined;
	#listChat = '';
	#gap: ReturnType<typeof setTimeout> | undefined;
	#frame = 0;
	#told = false;
	#ahead: HTMLAudioElement | undefined;
	readonly #hush = () => this.pause();

	get card(): MediaCard | undefined {
		const content = this.message?.content;
		return content?.kind === 'voice' || content?.kind === 'video_note' ? content.media : undefined;
	}

	is(message: ShownMessage): boolean {
		return this.message?.key === message.key && this.message.chat === message.chat;
	}

	toggle(message: ShownMessage, from = 0): void {
		if (!this.is(message)) this.start(message, from);
		else if (this.playing) this.pause();
		else this.resume();
	}

	start(message: ShownMessage, from = 0): void {
		const { content } = message;
		if (content.kind !== 'voice' && content.kind !== 'video_note') return;
		const url = engine.mediaUrl(content.media, content.kind === 'voice' ? 'audio' : 'video') ?? engine.mediaUrl(content.media, 'original');
		if (!url) return;
		clearTimeout(this.#gap);
		const element = this.#player();
		this.message = message;
		this.#told = false;
		element.src = url;
		element.defaultPlaybackRate = this.speed;
		this.#goTo(from);
		this.resume();
		void this.#follow(message);
	}

	resume(): void {
		if (!this.message || !this.#element) return;
		clearTimeout(this.#gap);
		takeSound(this.#hush);
		this.#element.playbackRate = this.speed;
		this.playing = true;
		this.#element.play().catch((problem: DOMException) => {
			// Another source took its place, which has its own answer.
			if (problem.name !== 'AbortError') this.playing = false;
		});
	}

	pause(): void {
		clearTimeout(this.#gap);
		this.#element?.pause();
		this.playing = false;
	}

	close(): void {
		this.pause();
		leaveSound(this.#hush);
		this.#element?.removeAttribute('src');
		this.#element?.load();
		this.message = undefined;
		this.waiting = false;
		this.#ahead = undefined;
		this.#list?.close();
		this.#list = undefined;
		quietSession();
	}

	/** Milliseconds. */
	seek(time: number): void {
		this.#goTo(Math.min(Math.max(0, time), Math.max(0, this.duration - 50)));
		this.#tell();
	}

	cycleSpeed(): void {
		this.speed = SPEEDS[(SPEEDS.findIndex((speed) => speed === this.speed) + 1) % SPEEDS.length] ?? 1;
		if (this.#element) this.#element.playbackRate = this.#element.defaultPlaybackRate = this.speed;
		try {
			localStorage.setItem(STORED_SPEED, String(this.speed));
		} catch {
			// Storage is closed to us (private window): the speed holds for this visit.
		}
		this.#tell();
	}

	/** Show the picture of the note that plays in this place; returns how to give it back. */
	lend(place: HTMLElement): () => void {
		const element = this.#player();
		place.prepend(element);
		return () => {
			if (element.parentElement === place) this.#shelf!.append(element);
		};
	}

	next(): void {
		const next = this.#list && this.message && nextAfter(this.#list.messages, this.message.key, isSaid);
		if (next) this.start(next);
	}

	previous(): void {
		const before = this.#list && this.message && previousBefore(this.#list.messages, this.message.key);
		if (this.time > RESTART_MS || !before) this.seek(0);
		else this.start(before);
	}

	#goTo(time: number): void {
		if (this.#element) this.#element.currentTime = time / 1000;
		this.time = time;
	}

	#player(): HTMLVideoElement {
		if (this.#element) return this.#element;
		const element = document.createElement('video');
		element.playsInline = true;
		element.preload = 'auto';
		element.preservesPitch = true;
		element.disablePictureInPicture = true;
		element.dataset.player = '';
		element.tabIndex = -1;
		element.addEventListener('playing', () => this.#begun());
		element.addEventListener('waiting', () => (this.waiting = true));
		element.addEventListener('pause', () => this.#paused());
		element.addEventListener('ended', () => void this.#ended());
		element.addEventListener('error', () => this.#broken());
		const shelf = document.createElement('div');
		shelf.hidden = true;
		shelf.append(element);
		document.body.append(shelf);
		this.#shelf = shelf;
		return (this.#element = element);
	}

	#begun(): void {
		this.waiting = false;
		this.playing = true;
		const { message } = this;
		if (message && !this.#told && isUnheard(message)) engine.played(message.chat, message.seq);
		this.#told = true;
		this.#tell();
		cancelAnimationFrame(this.#frame);
		this.#frame = requestAnimationFrame(this.#watch);
	}

	/** Follows the element more smoothly than its four events a second. */
	readonly #watch = () => {
		const element = this.#element;
		if (!element || element.paused) return;
		this.time = element.currentTime * 1000;
		this.#frame = requestAnimationFrame(this.#watch);
	};

	/** By the headset, the system or us. At the end comes `ended` too. */
	#paused(): void {
		if (!this.#element?.ended) this.playing = false;
		this.waiting = false;
		this.#tell();
	}

	#broken(): void {
		if (!this.#element?.getAttribute('src')) return;
		this.playing = false;
		this.waiting = false;
	}

	async #ended(): Promise<void> {
		const ended = this.message;
		this.time = this.duration;
		if (!ended) return;
		const next = await this.#nextOf(ended);
		if (this.message !== ended) return;
		if (next) {
			this.#gap = setTimeout(() => this.start(next), GAP_MS);
			return;
		}
		this.close();
	}

	async #nextOf(message: ShownMessage): Promise<ShownMessage | undefined> {
		for (let page = 0; page < PAGES_MAX; page++) {
			const list = this.#list;
			if (!list || this.#listChat !== message.chat) return;
			const found = nextAfter(list.messages, message.key, isSaid);
			if (found || !list.hasNewer) return found;
			await list.loadNewer().catch(() => {});
		}
		return;
	}

	/** Knows what comes next, and fetches it while this one is heard. */
	async #follow(message: ShownMessage): Promise<void> {
		if (!this.#list || this.#listChat !== message.chat) {
			this.#list?.close();
			this.#list = engine.openWindow(message.chat);
			this.#listChat = message.chat;
		}
		const list = this.#list;
		if (!list.messages.some(({ key }) => key === message.key)) {
			await (message.seq ? list.jumpTo(message.seq) : list.jumpToNewest()).catch(() => {});
		}
		const next = await this.#nextOf(message);
		if (!next || this.message !== message || !isPlayable(next)) return;
		const card = 'media' in next.content ? next.content.media : undefined;
		const url = card && engine.mediaUrl(card, next.content.kind === 'voice' ? 'audio' : 'video');
		if (!url) return;
		this.#ahead = new Audio();
		this.#ahead.preload = 'auto';
		this.#ahead.src = url;
	}

	#tell(): void {
		const { message } = this;
		if (!message) return;
		tellSession(message, { playing: this.playing, time: this.time, duration: this.duration, speed: this.speed }, this);
	}
}

export const player = new Player();
