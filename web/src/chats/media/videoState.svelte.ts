/** What a `<video>` does, as reactive state in milliseconds. */

import type { Attachment } from 'svelte/attachments';

export class VideoState {
	element: HTMLVideoElement | undefined = $state.raw();
	time = $state(0);
	duration = $state(0);
	playing = $state(false);
	waiting = $state(false);
	muted = $state(true);
	/** It has a frame to show. */
	shown = $state(false);
	failed = $state(false);
	/** Loaded parts: from, to. */
	buffered: [number, number][] = $state.raw([]);

	/** `duration`: as the house measured it, until the file itself is known. */
	constructor(duration = 0) {
		this.duration = duration;
	}

	readonly follow: Attachment<HTMLVideoElement> = (video) => {
		this.element = video;
		let frame = 0;
		const watch = () => {
			this.time = video.currentTime * 1000;
			if (!video.paused) frame = requestAnimationFrame(watch);
		};
		const on: Partial<Record<keyof HTMLVideoElementEventMap, () => void>> = {
			playing: () => {
				this.shown = true;
				this.waiting = false;
				this.failed = false;
			},
			play: () => {
				this.playing = true;
				cancelAnimationFrame(frame);
				frame = requestAnimationFrame(watch);
			},
			pause: () => {
				this.playing = false;
				this.waiting = false;
			},
			waiting: () => (this.waiting = true),
			seeked: () => {
				this.time = video.currentTime * 1000;
				this.waiting = false;
			},
			loadeddata: () => (this.shown = true),
			volumechange: () => (this.muted = video.muted),
			durationchange: () => Number.isFinite(video.duration) && (this.duration = video.duration * 1000),
			error: () => (this.failed = true),
			progress: () => {
				const parts = video.buffered;
				this.buffered = Array.from({ length: parts.length }, (_, at) => [parts.start(at) * 1000, parts.end(at) * 1000]);
			}
		};
		for (const [name, run] of Object.entries(on)) video.addEventListener(name, run);
		return () => {
			for (const [name, run] of Object.entries(on)) video.removeEventListener(name, run);
			cancelAnimationFrame(frame);
			video.pause();
			this.element = undefined;
		};
	};

	play(): void {
		this.element?.play().catch(() => {});
	}

	pause(): void {
		this.element?.pause();
	}

	seek(time: number): void {
		if (this.element) this.element.currentTime = time / 1000;
		this.time = time;
	}

	mute(muted: boolean): void {
		if (this.element) this.element.muted = muted;
		this.muted = muted;
	}
}
