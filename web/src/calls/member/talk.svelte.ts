/** One call that this page is in: its lines to the others, and what is sent along them. */

import { SvelteMap } from 'svelte/reactivity';
import { engine } from '$lib/engine';
import { codeOf } from '$lib/i18n';
import { SPEAKS } from '../host.svelte';
import { iceServers } from '../shared/ice';
import { reasonOf, type DeviceReason } from '../shared/openings';
import { TalkTime } from '../shared/talkTime.svelte';
import { limitsFor } from './limits';
import { own } from './own.svelte';
import type { Line, Sending } from './peer';
import { worst } from './quality';
import { Side } from './side.svelte';
import { isRung, joinedLegs, legOf, type Call, type CallLeg, type CallSignal, type CallStarted, type Outcome } from './types';

const KEEP_MS = 10_000;
const MEASURE_MS = 2_000;
const LISTEN_MS = 200;
/** Of signals that come before the one they are from is known. */
const EARLY_MAX = 100;
/** The house says these of a call that one is no longer in. */
const OVER = new Set(['call_over', 'not_in_call', 'no_such_call', 'not_found']);

/** Where one's call stands. */
export type Phase = 'calling' | 'ringing' | 'connecting' | 'talking' | 'reconnecting' | 'held' | 'ended';
/** How it ended for this page: the call's outcome, or it went on without it. */
export type End = Outcome | 'left' | 'moved' | 'refused';

export class Talk {
	readonly chat: string;
	/** It was begun, or answered, with the camera. */
	readonly video: boolean;
	/** This page began it. */
	readonly outgoing: boolean;
	call = $state.raw<Call | undefined>();
	leg = $state('');
	/** When the house let one in, by this device's clock. */
	enteredAt = 0;
	muted = $state(false);
	camera = $state(false);
	screen = $state(false);
	held = $state(false);
	end = $state<End | undefined>();
	/** A refusal of the house that ended it. */
	refusal = $state.raw<unknown>();
	/** Why there is no picture of one's own, though it was asked for. */
	noCamera = $state<DeviceReason | undefined>();
	readonly sides = new SvelteMap<string, Side>();
	readonly time = new TalkTime();
	#servers: RTCIceServer[] = [];
	#early: CallSignal[] = [];
	#timers: ReturnType<typeof setInterval>[] = [];
	readonly #release = own.take();
	readonly #ended: (talk: Talk) => void;
	/** The newest state of one's leg that the house does not know yet. */
	#stateWaits = false;
	#stateGoes = false;

	readonly others = $derived([...this.sides.values()]);
	readonly quality = $derived(worst(this.others.flatMap(({ quality }) => quality ?? [])));
	readonly phase = $derived(this.#phaseNow());

	constructor(chat: string, video: boolean, outgoing: boolean, ended: (talk: Talk) => void) {
		this.chat = chat;
		this.video = video;
		this.outgoing = outgoing;
		this.#ended = ended;
	}

	get id(): string {
		return this.call?.id ?? '';
	}

	/** People who are rung and have not answered. */
	get rung(): CallLeg[] {
		return (this.call?.legs ?? []).filter((leg) => isRung(leg) && leg.person !== engine.me?.person.id);
	}

	/** All others that the screen shows: those who are in, then those who are rung. */
	get people(): string[] {
		const others = [...this.others.map(({ person }) => person), ...this.rung.map(({ person }) => person)];
		return [...new Set(others)];
	}

	#phaseNow(): Phase {
		if (this.end !== undefined) return 'ended';
		if (this.held) return 'held';
		if (!this.others.length) return this.rung.some(({ state }) => state === 'ringing') ? 'ringing' : 'calling';
		if (this.others.some(({ line }) => line === 'connected')) return 'talking';
		return this.time.running ? 'reconnecting' : 'connecting';
	}

	// --- coming in ----------------------------------------------------------------------------------

	/**
	 * Open the devices. Without a microphone there is no call; without a camera there is one of voices.
	 * @throws {DeviceProblem}
	 */
	async open(): Promise<void> {
		await own.openMicrophone();
		if (!this.video || this.over) return;
		try {
			await own.openCamera();
			this.camera = true;
		} catch (problem) {
			this.noCamera = reasonOf(problem);
		}
	}

	/** Ask the house to be in; `ask` starts or joins it. @throws {Failure} */
	async enter(ask: () => Promise<CallStarted>): Promise<void> {
		const [servers, started] = await Promise.all([iceServers(), ask()]);
		if (this.over) {
			// Hung up while the house was asked.
			void engine.command('call.leave', { call: started.call.id }).catch(() => {});
			return;
		}
		this.#servers = servers;
		this.leg = started.leg;
		this.enteredAt = Date.now();
		this.#timers = [
			setInterval(() => void this.#keep(), KEEP_MS),
			setInterval(() => this.others.forEach((side) => void side.measure().catch(() => {})), MEASURE_MS),
			setInterval(() => this.others.forEach((side) => side.listen(performance.now())), LISTEN_MS)
		];
		// What was told meanwhile may be newer than the answer.
		this.update(this.call ?? started.call);
		void this.tellState();
	}

	/** The call is another now. */
	update(call: Call): void {
		this.call = call;
		if (!this.leg || this.over) return;
		if (call.ended_at) return this.finish(call.outcome ?? '');
		const mine = legOf(call, engine.me?.person.id ?? '');
		if (mine?.leg !== this.leg) return this.finish(mine?.state === 'joined' ? 'moved' : 'left');
		const joined = joinedLegs(call).filter(({ leg }) => leg && leg !== this.leg);
		for (const [leg, side] of this.sides) if (!joined.some((one) => one.leg === leg)) this.#part(side);
		for (const one of joined) {
			const side = this.sides.get(one.leg ?? '');
			if (side) side.said = one;
			else this.#meet(one);
		}
	}

	hear(signal: CallSignal): void {
		const side = this.sides.get(signal.sender);
		if (side && signal.to === this.leg) side.take(signal);
		else if (!side && (!this.leg || signal.to === this.leg) && this.#early.length < EARLY_MAX) this.#early.push(signal);
	}

	#meet(said: CallLeg): void {
		const limits = limitsFor(this.sides.size + 1);
		const side = new Side(this.id, this.leg, said, this.#servers, this.#sending(), limits, (line) => this.#line(line));
		this.sides.set(side.leg, side);
		for (const signal of this.#early.filter(({ sender, to }) => sender === side.leg && to === this.leg)) side.take(signal);
		this.#early = this.#early.filter(({ sender }) => sender !== side.leg);
		this.#limit();
	}

	#part(side: Side): void {
		side.close();
		this.sides.delete(side.leg);
		this.#limit();
	}

	#limit(): void {
		const limits = limitsFor(this.sides.size);
		for (const side of this.others) side.limit(limits);
	}

	#line(line: Line): void {
		if (line === 'connected') this.time.start();
	}

	async #keep(): Promise<void> {
		try {
			await engine.command('call.keep', { call: this.id });
		} catch (problem) {
			// Without the house the lines between browsers go on.
			if (OVER.has(codeOf(problem))) this.finish('left');
		}
	}

	// --- what is sent -------------------------------------------------------------------------------

	#sending(): Sending {
		if (this.held) return { audio: null, video: null };
		return { audio: own.microphone ?? null, video: (this.screen ? own.screen : this.camera ? own.camera : undefined) ?? null };
	}

	/** Let the lines carry what is chosen now, and the others know. */
	async apply(): Promise<void> {
		// The microphone is one for all calls: it is as the one that is not held wants it.
		if (own.microphone && !this.held) own.microphone.enabled = !this.muted;
		await Promise.all(this.others.map((side) => side.send(this.#sending()).catch(() => {})));
		void this.tellState();
	}

	async mute(on: boolean): Promise<void> {
		this.muted = on;
		await this.apply();
	}

	/** @throws {DeviceProblem} */
	async showCamera(on: boolean): Promise<void> {
		if (on) await own.openCamera();
		this.camera = on;
		if (!on) own.closeCamera();
		this.noCamera = undefined;
		await this.apply();
	}

	async shareScreen(on: boolean): Promise<void> {
		if (on && !(await own.openScreen())) return;
		this.screen = on;
		if (!on) own.closeScreen();
		await this.apply();
	}

	async hold(on: boolean): Promise<void> {
		this.held = on;
		if (!on) dispatchEvent(new Event(SPEAKS));
		await this.apply();
	}

	/** One at a time, and the newest last. */
	async tellState(): Promise<void> {
		this.#stateWaits = true;
		if (this.#stateGoes || !this.leg) return;
		this.#stateGoes = true;
		while (this.#stateWaits && !this.over) {
			this.#stateWaits = false;
			const { muted, camera, screen, held } = this;
			await engine.command('call.state', { call: this.id, muted, camera, screen, held }).catch(() => {});
		}
		this.#stateGoes = false;
	}

	/** The network may be another one. */
	restart(): void {
		for (const side of this.others) side.restart();
	}

	// --- the end ------------------------------------------------------------------------------------

	get over(): boolean {
		return this.end !== undefined;
	}

	hangUp(): void {
		if (this.over) return;
		const told = this.leg ? engine.command('call.leave', { call: this.id }) : undefined;
		void told?.catch(() => {});
		this.finish(this.time.running ? 'answered' : this.outgoing ? 'cancelled' : 'left');
	}

	/** The page goes: nothing can be waited for. */
	abandon(): void {
		if (!this.leg || this.over) return;
		void fetch(`/api/v1/calls/${this.id}/leave`, { method: 'POST', keepalive: true, credentials: 'same-origin' }).catch(() => {});
		this.finish('left');
	}

	finish(end: End, refusal?: unknown): void {
		if (this.over) return;
		this.end = end;
		this.refusal = refusal;
		for (const timer of this.#timers) clearInterval(timer);
		this.time.stop();
		for (const side of this.others) side.close();
		this.#release();
		this.#ended(this);
	}
}
