/** The phone call of this device: dialled or answered here, or ringing. Screens read it and give it commands. */

import { request } from '$lib/api';
import { engine } from '$lib/engine';
import { newKey } from '$src/wallet/key';
import { host, SPEAKS } from '../host.svelte';
import type { Quality } from '../member/quality';
import { ring } from '../shared/alarm';
import { awake } from '../shared/awake';
import { devices } from '../shared/devices.svelte';
import { closeDevice, DeviceProblem, openMicrophone } from '../shared/openings';
import { TalkTime } from '../shared/talkTime.svelte';
import { play, type Tone } from '../shared/tones';
import { PhoneSound } from './sound';
import { wanted } from './wanted.svelte';
import { lineOf, phoneProblem } from './words';
import type { PhoneAbout, PhoneCall, PhoneChanged, PhoneMedia } from './types';

const KEEP_MS = 10_000;
const QUALITY_MS = 2_000;
/** Between two tries to join the sound anew. */
const REJOIN_MS = 1_500;
/** How long the tone sounds that tells of little money. */
const WARN_MS = 5_000;

/** One talks to one at a time: whoever is on another line waits. */
async function othersWait(): Promise<void> {
	if (host.wanted) await import('../member/calls.svelte').then(({ calls }) => calls.current?.hold(true));
}

class Phone {
	#call = $state.raw<PhoneCall>();
	#about = $state.raw<PhoneAbout>();
	#problem = $state('');
	#muted = $state(false);
	#held = $state(false);
	#wide = $state(true);
	#mine = $state('');
	#attempt = 0;
	#track: MediaStreamTrack | undefined;
	#sound: PhoneSound | undefined;
	#silence: (() => void) | undefined;
	#rest: (() => void)[] = [];
	#keeping: ReturnType<typeof setInterval> | undefined;
	#looking: ReturnType<typeof setInterval> | undefined;
	#quality = $state.raw<Quality>();
	#warned = false;
	#newest = new Map<string, PhoneCall>();
	#answers: PhoneMedia[] = [];
	#time = $state.raw(new TalkTime());

	/** The call on this screen; it stays after its end until it is put away. */
	get call(): PhoneCall | undefined {
		return this.#call;
	}

	/** It is on this device (else it rings, or another device has it). */
	get here(): boolean {
		return this.#call !== undefined && this.#mine === this.#call.id;
	}

	get about(): PhoneAbout | undefined {
		return this.#about;
	}

	get problem(): string {
		return this.#problem;
	}

	get muted(): boolean {
		return this.#muted;
	}

	/** Neither hears the other for now; the meter goes on. */
	get held(): boolean {
		return this.#held;
	}

	/** Shown whole, not as a bar. */
	get wide(): boolean {
		return this.#wide;
	}

	set wide(wide: boolean) {
		this.#wide = wide;
	}

	get talk(): TalkTime {
		return this.#time;
	}

	get quality(): Quality | undefined {
		return this.#quality;
	}

	async look(): Promise<void> {
		this.#about = await request<PhoneAbout>('GET', '/calls/phone');
		const now = this.#about.now;
		if (now) this.changed({ call: now });
		else if (this.#call && !this.#call.ended_at) this.#over({ ...this.#call, state: 'ended', ended_at: Date.now(), reason: 'restarted' });
	}

	/** Why a call cannot be made is in `problem`. */
	async dial(number: string, anonymous = false): Promise<boolean> {
		if (this.#call && !this.#call.ended_at) return false;
		wanted.want();
		this.putAway();
		this.#time = new TalkTime();
		this.#call = { id: '', direction: 'out', at: Date.now(), state: 'placing', number, formatted: number };
		this.#wide = true;
		try {
			const offer = await this.#open();
			const placed = await engine.command<{ call: PhoneCall }>('phone.dial', {
				key: newKey(), number, offer, attempt: this.#attempt, anonymous
			});
			await this.#have(placed.call);
			return true;
		} catch (problem) {
			this.#fail(problem);
			return false;
		}
	}

	async answer(): Promise<void> {
		const call = this.#call;
		if (!call || call.direction !== 'in') return;
		this.#quiet();
		try {
			const offer = await this.#open();
			// What is told of it may come before the answer does.
			this.#mine = call.id;
			const taken = await engine.command<{ call: PhoneCall }>('phone.answer', { call: call.id, offer, attempt: this.#attempt });
			await this.#have(taken.call);
		} catch (problem) {
			this.#fail(problem);
		}
	}

	hangUp(): void {
		const call = this.#call;
		if (!call) return;
		if (call.id) void engine.command('phone.hang_up', { call: call.id }).catch(() => {});
		this.#over({ ...call, state: 'ended', ended_at: Date.now(), reason: call.state === 'answered' ? 'hung_up' : 'cancelled' });
	}

	press(key: string): boolean {
		return this.#sound?.press(key) ?? false;
	}

	mute(on: boolean): void {
		this.#muted = on;
		this.#speaks();
	}

	async hold(on: boolean): Promise<void> {
		this.#held = on;
		this.#speaks();
		this.#sound?.deafen(on);
		if (!on) await othersWait();
	}

	async chooseMicrophone(id: string): Promise<void> {
		devices.choose('audioinput', id);
		const track = await openMicrophone();
		this.#track?.stop();
		this.#track = track;
		this.#speaks();
		await this.#sound?.speak(track);
	}

	chooseSpeaker(id: string): void {
		devices.choose('audiooutput', id);
		this.#sound?.sink(id);
	}

	/** Show no more of an ended call. */
	putAway(): void {
		if (this.#call && !this.#call.ended_at) return;
		this.#call = undefined;
		this.#problem = '';
	}

	changed({ call }: PhoneChanged): void {
		this.#newest.set(call.id, call);
		const shown = this.#call;
		if (shown?.id === call.id) {
			if (call.ended_at) this.#over(call);
			else if (call.device && this.#mine !== call.id) this.#elsewhere();
			else this.#goes(call);
		} else if (call.direction === 'in' && call.state === 'ringing' && !call.device && (!shown || shown.ended_at)) {
			this.#rings(call);
		}
	}

	media(media: PhoneMedia): void {
		this.#answers.push(media);
		void this.#join();
	}

	// --- within ---

	/** Open the microphone and a leg; return its offer. */
	async #open(): Promise<string> {
		this.#problem = '';
		await othersWait();
		this.#track ??= await openMicrophone();
		this.#speaks();
		return this.#leg();
	}

	async #leg(): Promise<string> {
		this.#sound?.close();
		this.#attempt += 1;
		if (!this.#track) throw new DeviceProblem('none');
		this.#sound = await PhoneSound.open(this.#track, () => setTimeout(() => void this.#rejoin(), REJOIN_MS));
		return this.#sound.offer();
	}

	/** The house has the call: what it told of it meanwhile is newer. */
	async #have(call: PhoneCall): Promise<void> {
		this.#mine = call.id;
		const newest = this.#newest.get(call.id) ?? call;
		if (!this.#call || this.#call.ended_at) {
			// It was hung up before the house had it.
			void engine.command('phone.hang_up', { call: call.id }).catch(() => {});
			return;
		}
		const waits = () => void this.hold(true);
		addEventListener(SPEAKS, waits);
		this.#rest.push(awake(), () => removeEventListener(SPEAKS, waits));
		this.#keeping = setInterval(() => void engine.command('phone.keep', { call: call.id }).catch(() => {}), KEEP_MS);
		this.#looking = setInterval(() => void this.#sound?.quality().then((quality) => (this.#quality = quality ?? this.#quality)), QUALITY_MS);
		if (newest.ended_at) this.#over(newest);
		else this.#goes(newest);
		await this.#join();
	}

	async #join(): Promise<void> {
		const answer = this.#answers.find(({ call, attempt }) => call === this.#mine && attempt === this.#attempt);
		if (!answer) return;
		this.#answers = [];
		await this.#sound?.answer(answer.answer).catch(() => {});
	}

	async #rejoin(): Promise<void> {
		const call = this.#call;
		if (!call || call.ended_at || this.#mine !== call.id) return;
		try {
			const offer = await this.#leg();
			await engine.command('phone.rejoin', { call: call.id, offer, attempt: this.#attempt });
		} catch {
			setTimeout(() => void this.#rejoin(), REJOIN_MS);
		}
	}

	#speaks(): void {
		if (this.#track) this.#track.enabled = !this.#muted && !this.#held;
	}

	#goes(call: PhoneCall): void {
		const before = this.#call;
		this.#call = call;
		if (call.state === 'answered') {
			this.#sounds();
			this.#time.start(performance.now() - Math.max(0, Date.now() - (call.answered_at || Date.now())));
			if (call.low && !this.#warned) {
				this.#warned = true;
				const stop = play('waiting', devices.chosen('audiooutput'));
				setTimeout(stop, WARN_MS);
			}
		} else if (call.direction === 'out') {
			// What the carrier plays is heard instead of a tone of ours.
			if (call.state === 'ringing' && before?.state !== 'early') this.#sounds('ringback');
			else if (call.state === 'early') this.#sounds();
		}
	}

	#rings(call: PhoneCall): void {
		this.putAway();
		this.#time = new TalkTime();
		this.#call = call;
		this.#wide = true;
		this.#silence = ring({ id: call.id, name: lineOf(call), chat: '', video: false }, () => {});
	}

	#elsewhere(): void {
		this.#quiet();
		this.#call = undefined;
	}

	#over(call: PhoneCall): void {
		const before = this.#call;
		this.#close();
		if (before && this.#mine !== before.id && call.direction === 'in') {
			// It rang, and nobody took it here.
			this.#call = undefined;
			return;
		}
		this.#call = call;
		this.#newest.delete(call.id);
		if (!before?.ended_at) {
			if (call.reason === 'busy') setTimeout(play('busy'), 2_500);
			else play('ended');
		}
	}

	#fail(problem: unknown): void {
		this.#close();
		this.#call = undefined;
		this.#problem = phoneProblem(problem);
	}

	#sounds(tone?: Tone): void {
		this.#quiet();
		if (tone) this.#silence = play(tone, devices.chosen('audiooutput'));
	}

	#quiet(): void {
		this.#silence?.();
		this.#silence = undefined;
	}

	#close(): void {
		this.#quiet();
		clearInterval(this.#keeping);
		clearInterval(this.#looking);
		this.#quality = undefined;
		this.#time.stop();
		this.#sound?.close();
		this.#sound = undefined;
		if (this.#track) closeDevice(new MediaStream([this.#track]));
		this.#track = undefined;
		this.#muted = false;
		this.#held = false;
		this.#warned = false;
		this.#answers = [];
		for (const end of this.#rest.splice(0)) end();
	}
}

export const phone = new Phone();
