/**
 * Keeps the last moments of a camera's stream, so that a live photo has what came before it. Two recorders run, each
 * begun 1.5 s after the other and begun anew after 3 s: one of them always has at least 1.5 s behind it.
 */

import { recordable } from './devices';
import { trimmed } from './webm';

/** Before the still, and after it. */
export const MOMENT_SIDE_MS = 1500;
/** Key frames are where a clip can be cut. */
const KEY_FRAME_EVERY_MS = 500;
const BITS_PER_SECOND = 2_500_000;
const MOMENT_SIZE: MediaTrackConstraints = { width: { max: 960 }, height: { max: 960 }, frameRate: { max: 24 } };
const TYPES = ['video/webm;codecs=vp9,opus', 'video/webm', 'video/mp4'];

interface Running {
	recorder: MediaRecorder;
	chunks: Blob[];
	since: number;
}

export interface Moment {
	file: Blob;
	/** Milliseconds. */
	duration: number;
}

export class Rolling {
	#running: Running[] = [];
	readonly #kept = new Set<Running>();
	readonly #timer: ReturnType<typeof setInterval>;

	readonly #stream: MediaStream;
	#stopped = false;

	constructor(stream: MediaStream) {
		this.#stream = lighter(stream);
		this.#begin();
		this.#timer = setInterval(() => {
			const oldest = this.#running.length > 1 ? this.#running.shift() : undefined;
			if (oldest && !this.#kept.has(oldest)) end(oldest.recorder);
			this.#begin();
		}, MOMENT_SIDE_MS);
	}

	#begin(): void {
		const options: MediaRecorderOptions & { videoKeyFrameIntervalDuration: number } = {
			mimeType: recordable(TYPES),
			videoBitsPerSecond: BITS_PER_SECOND,
			videoKeyFrameIntervalDuration: KEY_FRAME_EVERY_MS
		};
		const running: Running = { recorder: new MediaRecorder(this.#stream, options), chunks: [], since: performance.now() };
		running.recorder.ondataavailable = ({ data }) => running.chunks.push(data);
		running.recorder.start();
		this.#running.push(running);
	}

	/** The moment around now: call it when the still is taken; it resolves 1.5 s later. */
	async around(): Promise<Moment> {
		const running = this.#running[0]!;
		const before = performance.now() - running.since;
		this.#kept.add(running);
		await new Promise((resolve) => setTimeout(resolve, MOMENT_SIDE_MS));
		const duration = performance.now() - running.since;
		const stopped = new Promise((resolve) => running.recorder.addEventListener('stop', resolve, { once: true }));
		const inactive = running.recorder.state === 'inactive';
		end(running.recorder);
		if (!inactive) await stopped;
		this.#kept.delete(running);
		this.#letGo();
		return cut(new Blob(running.chunks, { type: running.recorder.mimeType }), Math.max(0, before - MOMENT_SIDE_MS), duration);
	}

	stop(): void {
		clearInterval(this.#timer);
		for (const running of this.#running) if (!this.#kept.has(running)) end(running.recorder);
		this.#running = [];
		this.#stopped = true;
		this.#letGo();
	}

	#letGo(): void {
		if (this.#stopped && !this.#kept.size) for (const track of this.#stream.getVideoTracks()) track.stop();
	}
}

/** The same camera, smaller: two recorders run all the time, and a cheap phone must keep up with both. */
function lighter(stream: MediaStream): MediaStream {
	const videos = stream.getVideoTracks().map((track) => track.clone());
	for (const track of videos) void track.applyConstraints(MOMENT_SIZE).catch(() => undefined);
	return new MediaStream([...videos, ...stream.getAudioTracks()]);
}

function end(recorder: MediaRecorder): void {
	if (recorder.state !== 'inactive') recorder.stop();
}

/** Without what lies more than 1.5 s before the still; MP4 stays as it was recorded, at most 4.5 s. */
async function cut(file: Blob, from: number, duration: number): Promise<Moment> {
	const whole = { file, duration: Math.round(duration) };
	if (!file.type.startsWith('video/webm') || from < KEY_FRAME_EVERY_MS / 2) return whole;
	try {
		const bytes = trimmed(new Uint8Array(await file.arrayBuffer()), from);
		return { file: new Blob([bytes as Uint8Array<ArrayBuffer>], { type: file.type }), duration: Math.round(duration - from) };
	} catch (problem) {
		if (!(problem instanceof RangeError)) throw problem;
		return whole;
	}
}
