/** How long one has talked: `0:42`, counted from a moment on this device's own clock. */

import { clock } from '$src/chats/media/time';

export class TalkTime {
	#since = $state(0);
	#now = $state(0);
	#timer: ReturnType<typeof setInterval> | undefined;

	get running(): boolean {
		return this.#since > 0;
	}

	/** Whole seconds. */
	get seconds(): number {
		return this.#since ? Math.max(0, Math.floor((this.#now - this.#since) / 1000)) : 0;
	}

	get text(): string {
		return clock(this.seconds * 1000);
	}

	/** Begins once; `since` is a reading of `performance.now()`. */
	start(since = performance.now()): void {
		if (this.#since) return;
		this.#since = since;
		this.#now = performance.now();
		this.#timer = setInterval(() => (this.#now = performance.now()), 500);
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}
}
