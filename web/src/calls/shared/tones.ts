/** The sounds of calls, made by WebAudio: nothing is fetched for them. Frequencies in Hz, times in seconds. */

export type Tone = 'ring' | 'ringback' | 'busy' | 'waiting' | 'begun' | 'ended';

/** One sound of a cadence: from when, how long, which pitches together, how loud (0 to 1). */
type Note = readonly [at: number, length: number, pitches: readonly number[], gain: number];
interface Cadence {
	notes: readonly Note[];
	/** It begins again after this; 0: played once. */
	every: number;
	/** A struck bowl that fades, and not a line's even tone. */
	struck?: boolean;
}

/** Ringback and busy are those of Europe's lines (ETSI TR 101 041-2: 425 Hz). */
const CADENCES: Record<Tone, Cadence> = {
	ring: {
		struck: true,
		every: 3.2,
		notes: [
			[0, 0.9, [659.3, 1318.5], 0.5], [0.22, 0.9, [784, 1568], 0.45], [0.44, 1.2, [987.8, 1975.5], 0.5],
			[1, 0.9, [784, 1568], 0.4], [1.22, 1.4, [987.8, 1975.5], 0.45]
		]
	},
	ringback: { every: 5, notes: [[0, 1, [425], 0.16]] },
	busy: { every: 1, notes: [[0, 0.5, [425], 0.16]] },
	waiting: { every: 4, notes: [[0, 0.18, [523.3], 0.14], [0.3, 0.18, [523.3], 0.14]] },
	begun: { every: 0, struck: true, notes: [[0, 0.35, [784], 0.2], [0.12, 0.45, [1046.5], 0.2]] },
	ended: { every: 0, struck: true, notes: [[0, 0.35, [523.3], 0.22], [0.14, 0.5, [392], 0.22]] }
};
const EDGE_S = 0.012;
/** A busy line tells it for this long. */
export const BUSY_MS = 3_000;

let context: AudioContext | undefined;

interface Sinking extends AudioContext {
	setSinkId?(id: string): Promise<void>;
}

/** Let tones come out of this device (empty: the system's), where the browser can. */
export function toneSink(device: string): void {
	void (context as Sinking | undefined)?.setSinkId?.(device).catch(() => {});
}

/**
 * Sounds until the returned function is called. Before the person touched the page a browser may keep it silent: then it
 * is heard from the first touch on.
 */
export function play(tone: Tone, device = ''): () => void {
	if (typeof AudioContext === 'undefined') return () => {};
	context ??= new AudioContext();
	if (device) toneSink(device);
	const audio = context;
	const { notes, every } = CADENCES[tone];
	const out = audio.createGain();
	out.connect(audio.destination);
	let timer: ReturnType<typeof setInterval> | undefined;
	let stopped = false;
	const strike = () => {
		for (const note of notes) sound(audio, out, note, CADENCES[tone].struck ?? false);
	};
	const begin = () => {
		if (stopped || timer) return;
		strike();
		if (every) timer = setInterval(strike, every * 1000);
	};
	const touched = () => void audio.resume().then(begin);
	if (audio.state === 'running') begin();
	else {
		touched();
		addEventListener('pointerdown', touched);
		addEventListener('keydown', touched);
	}
	return () => {
		stopped = true;
		clearInterval(timer);
		removeEventListener('pointerdown', touched);
		removeEventListener('keydown', touched);
		// Let what rings out do so; a line's tone ends at once.
		out.gain.setTargetAtTime(0, audio.currentTime, every ? 0.02 : 0.5);
		setTimeout(() => out.disconnect(), 1500);
	};
}

function sound(audio: AudioContext, out: AudioNode, [at, length, pitches, loud]: Note, struck: boolean): void {
	const from = audio.currentTime + at;
	for (const [index, pitch] of pitches.entries()) {
		const oscillator = audio.createOscillator();
		const gain = audio.createGain();
		const peak = loud / (1 + index * 3) / 2;
		oscillator.frequency.value = pitch;
		gain.gain.setValueAtTime(0, from);
		gain.gain.linearRampToValueAtTime(peak, from + EDGE_S);
		if (struck) gain.gain.exponentialRampToValueAtTime(0.0001, from + length);
		else {
			gain.gain.setValueAtTime(peak, from + length - EDGE_S);
			gain.gain.linearRampToValueAtTime(0, from + length);
		}
		oscillator.connect(gain).connect(out);
		oscillator.start(from);
		oscillator.stop(from + length + EDGE_S);
	}
}
