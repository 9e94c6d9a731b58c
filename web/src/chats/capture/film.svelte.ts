/** A video, or a round note, being recorded. */

import { recordable, stayAwake } from './devices';

const TICK_MS = 100;
const CHUNK_MS = 1000;
/** What phones encode in hardware first. */
const TYPES = ['video/webm;codecs=h264,opus', 'video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'];

export class Film {
	/** Milliseconds. */
	elapsed = $state(0);
	readonly #recorder: MediaRecorder;
	readonly #chunks: Blob[] = [];
	readonly #since = performance.now();
	readonly #timer: ReturnType<typeof setInterval>;
	readonly #sleep = stayAwake();
	readonly #done: Promise<void>;

	/** `onfull` is called once, when it is as long as it may be. */
	constructor(stream: MediaStream, bitsPerSecond: number, max: number, onfull: () => void) {
		this.#recorder = new MediaRecorder(stream, { mimeType: recordable(TYPES), videoBitsPerSecond: bitsPerSecond });
		this.#recorder.ondataavailable = ({ data }) => this.#chunks.push(data);
		this.#done = new Promise((resolve) => (this.#recorder.onstop = () => resolve()));
		this.#recorder.start(CHUNK_MS);
		let told = false;
		this.#timer = setInterval(() => {
			this.elapsed = Math.min(max, performance.now() - this.#since);
			if (told || this.elapsed < max) return;
			told = true;
			onfull();
		}, TICK_MS);
	}

	async finish(): Promise<{ file: Blob; duration: number }> {
		const duration = Math.round(performance.now() - this.#since);
		this.#end();
		await this.#done;
		return { file: new Blob(this.#chunks, { type: this.#recorder.mimeType }), duration };
	}

	discard(): void {
		this.#end();
	}

	#end(): void {
		clearInterval(this.#timer);
		if (this.#recorder.state !== 'inactive') this.#recorder.stop();
		void this.#sleep.then((wake) => wake());
	}
}
