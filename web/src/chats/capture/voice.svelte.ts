/** A voice message being recorded: one per chat. It is held, or locked; paused, it can be heard before it is sent. */

import { engine } from '$lib/engine';
import type { Piece } from '$lib/engine/contract';
import { t } from '$lib/i18n';
import { toast } from '$lib/ui';
import { closeDevice, openDevice, reasonOf, recordable, stayAwake } from './devices';
import { levelOf, waveformOf } from './waveform';

/** `starting`: the microphone is asked for. `held`: recording while the button is pressed; `locked`: without. */
export type VoiceState = 'idle' | 'starting' | 'held' | 'locked' | 'paused';

export const DURATION_MAX_MS = 30 * 60_000;
const DURATION_MIN_MS = 700;
const LEVEL_EVERY_MS = 50;
/** Levels that the moving picture shows. */
const RECENT = 60;
/** Chunks of what was recorded come so often, so that memory holds them packed. */
const CHUNK_MS = 1000;
const BITS_PER_SECOND = 48_000;
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];

export class Voice {
	state = $state<VoiceState>('idle');
	/** Milliseconds recorded. */
	elapsed = $state(0);
	/** The newest levels, for the moving picture. */
	recent = $state.raw<number[]>([]);
	/** All that was recorded, while it is paused. */
	heard = $state.raw<Blob | undefined>();
	/** How far the finger is on its way to cancel and to lock: 0 to 1. */
	towardsCancel = $state(0);
	towardsLock = $state(0);
	/** False once the microphone was let go: it can be heard and sent, not gone on with. */
	canResume = $state(true);

	/** Each start has a number: what a former one still brings is dropped. */
	#run = 0;
	#stream: MediaStream | undefined;
	#recorder: MediaRecorder | undefined;
	#context: AudioContext | undefined;
	#chunks: Blob[] = [];
	#levels: number[] = [];
	#timer: ReturnType<typeof setInterval> | undefined;
	#since = 0;
	#before = 0;
	#sleep: Promise<() => void> | undefined;

	constructor(readonly chat: string) {}

	/** The waveform of all that was recorded. */
	get waveform(): number[] {
		return waveformOf(this.#levels);
	}

	async start(how: 'held' | 'locked'): Promise<void> {
		if (this.state !== 'idle') return;
		const run = ++this.#run;
		this.state = 'starting';
		let stream: MediaStream;
		try {
			stream = await openDevice({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
		} catch (problem) {
			if (run === this.#run) this.state = 'idle';
			toast(t(`chats.record_problem_${reasonOf(problem)}`), { kind: 'error' });
			return;
		}
		// Let go while the browser asked.
		if (run !== this.#run) return closeDevice(stream);
		this.#record(stream);
		this.state = how;
		navigator.vibrate?.(15);
	}

	#record(stream: MediaStream): void {
		this.#stream = stream;
		// A microphone that is pulled out ends the recording, not the message.
		stream.getAudioTracks()[0]?.addEventListener('ended', () => void this.stop());
		const recorder = new MediaRecorder(stream, { mimeType: recordable(TYPES), audioBitsPerSecond: BITS_PER_SECOND });
		recorder.ondataavailable = ({ data }) => {
			if (recorder !== this.#recorder || !data.size) return;
			this.#chunks.push(data);
			if (this.state === 'paused') this.heard = this.#whole();
		};
		this.#recorder = recorder;
		const context = new AudioContext();
		const analyser = context.createAnalyser();
		analyser.fftSize = 2048;
		context.createMediaStreamSource(stream).connect(analyser);
		void context.resume();
		this.#context = context;
		const samples = new Float32Array(analyser.fftSize);
		recorder.start(CHUNK_MS);
		this.#since = performance.now();
		this.#sleep = stayAwake();
		this.#timer = setInterval(() => {
			if (recorder.state !== 'recording') return;
			this.elapsed = this.#before + performance.now() - this.#since;
			analyser.getFloatTimeDomainData(samples);
			this.#levels.push(levelOf(samples));
			this.recent = this.#levels.slice(-RECENT);
			if (this.elapsed < DURATION_MAX_MS) return;
			toast(t('chats.record_full'));
			void this.stop();
		}, LEVEL_EVERY_MS);
	}

	#whole = () => new Blob(this.#chunks, { type: this.#recorder?.mimeType || TYPES[0] });

	lock(): void {
		if (this.state !== 'held') return;
		this.state = 'locked';
		this.towardsCancel = this.towardsLock = 0;
		navigator.vibrate?.(15);
	}

	pause(): void {
		if (this.#recorder?.state !== 'recording') return;
		this.elapsed = this.#before += performance.now() - this.#since;
		this.#recorder.pause();
		this.state = 'paused';
		this.#recorder.requestData();
	}

	resume(): void {
		if (this.#recorder?.state !== 'paused') return;
		this.heard = undefined;
		this.#since = performance.now();
		this.#recorder.resume();
		this.state = 'locked';
	}

	/** Let the microphone go; what was recorded stays, to be heard and sent. */
	async stop(): Promise<void> {
		if (!(await this.#end())) return;
		this.canResume = false;
		this.towardsCancel = this.towardsLock = 0;
		this.state = 'paused';
		this.heard = this.#whole();
	}

	/** All that was recorded is here then. False when it was discarded meanwhile. */
	async #end(): Promise<boolean> {
		const recorder = this.#recorder;
		if (!recorder) return false;
		if (recorder.state === 'recording') this.elapsed = this.#before += performance.now() - this.#since;
		if (recorder.state !== 'inactive') {
			const stopped = new Promise((resolve) => (recorder.onstop = resolve));
			recorder.stop();
			this.#release();
			await stopped;
		}
		return recorder === this.#recorder;
	}

	/** What is sent of it; undefined, with a word of why, when it is too short. */
	async finish(): Promise<Piece | undefined> {
		if (!(await this.#end())) {
			this.discard();
			return undefined;
		}
		const duration = Math.round(this.elapsed);
		const piece: Piece = { kind: 'voice', file: this.#whole(), duration, waveform: this.waveform };
		this.discard();
		if (duration >= DURATION_MIN_MS) return piece;
		toast(t('chats.record_hint'));
		return undefined;
	}

	discard(): void {
		this.#run += 1;
		const recorder = this.#recorder;
		this.#recorder = undefined;
		if (recorder && recorder.state !== 'inactive') recorder.stop();
		this.#release();
		this.#chunks = [];
		this.#levels = [];
		this.#before = this.elapsed = this.towardsCancel = this.towardsLock = 0;
		this.recent = [];
		this.heard = undefined;
		this.canResume = true;
		this.state = 'idle';
	}

	#release(): void {
		clearInterval(this.#timer);
		closeDevice(this.#stream);
		this.#stream = undefined;
		void this.#context?.close();
		this.#context = undefined;
		void this.#sleep?.then((wake) => wake());
		this.#sleep = undefined;
	}

	/** The chat is left: what was recorded waits there, as an unsent text does. */
	async leave(): Promise<void> {
		if (this.state === 'starting' || this.elapsed < DURATION_MIN_MS) this.discard();
		else await this.stop();
	}
}

const voices = new Map<string, Voice>();
let owner: string | undefined;

export function voiceOf(chat: string): Voice {
	// Somebody else signed in: what the former person recorded is not theirs.
	if (owner !== engine.me?.person.id) {
		for (const voice of voices.values()) voice.discard();
		voices.clear();
		owner = engine.me?.person.id;
	}
	let voice = voices.get(chat);
	if (!voice) voices.set(chat, (voice = new Voice(chat)));
	return voice;
}
