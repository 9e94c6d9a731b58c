/** A clock for a poll that closes by itself: as fast as the time that is left is read. */

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** setTimeout counts in 32 bits; in so long nobody looks at one screen anyway. */
const WAIT_MAX_MS = 60_000;

export class Closing {
	#now = $state(Date.now());

	/** Made while a component is set up: it ticks as long as that lives and the end has not come. */
	constructor(private readonly at: () => number) {
		$effect(() => {
			const at = this.at();
			if (!at) return;
			let timer: ReturnType<typeof setTimeout> | undefined;
			const tick = () => {
				this.#now = Date.now();
				const left = at - this.#now;
				if (left > 0) timer = setTimeout(tick, left < HOUR_MS ? left % SECOND_MS || SECOND_MS : Math.min(left, WAIT_MAX_MS));
			};
			tick();
			return () => clearTimeout(timer);
		});
	}

	/** Milliseconds; 0 when it is over. */
	get left(): number {
		return Math.max(0, this.at() - this.#now);
	}

	get over(): boolean {
		return this.at() > 0 && this.left === 0;
	}
}

/** "4:07", as it is read on a clock that runs down. */
export function countdown(left: number): string {
	const seconds = Math.ceil(left / SECOND_MS);
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
