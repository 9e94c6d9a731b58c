/** All calls that concern this person: those that ring, the one that goes on here, and those that are held for it. */

import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { engine } from '$lib/engine';
import { newNonce } from '$lib/engine/nonce';
import { codeOf, t } from '$lib/i18n';
import { toast } from '$lib/ui';
import { DeviceProblem, reasonOf, type DeviceReason } from '../shared/openings';
import { host, SPEAKS } from '../host.svelte';
import { own } from './own.svelte';
import { Talk, type End } from './talk.svelte';
import { isRung, legOf, type Call, type CallSignal, type CallStarted, type OpenCalls } from './types';

/** One talks in one call, and holds one other. A third is told that one is busy. */
const TALKS_MAX = 2;
/** How long the screen of an ended call stays: a hang-up is understood at once, a refusal is read. */
const LINGER_MS = 1_500;
const LINGER_READ_MS = 6_000;
const UNDERSTOOD = new Set<End>(['answered', 'cancelled', 'left', '']);

class Calls {
	/** As the house last told of them; not those that ended. */
	readonly open = new SvelteMap<string, Call>();
	readonly #silenced = new SvelteSet<string>();
	#talks = $state.raw<Talk[]>([]);
	#current = $state.raw<Talk | undefined>();
	minimised = $state(false);
	/** Why a call could not begin or be answered: there is no microphone to speak into. */
	problem = $state<DeviceReason | undefined>();
	/** A large group whose members are being chosen from. */
	picking = $state<{ chat: string; video: boolean } | undefined>();
	#linger: ReturnType<typeof setTimeout> | undefined;

	readonly ringing = $derived(
		[...this.open.values()].filter((call) => {
			const mine = legOf(call, engine.me?.person.id ?? '');
			return mine && isRung(mine) && !this.#talks.some(({ id }) => id === call.id);
		})
	);
	/** One is in it, on another device or in another tab. */
	readonly elsewhere = $derived(
		[...this.open.values()].filter(
			(call) =>
				legOf(call, engine.me?.person.id ?? '')?.state === 'joined' &&
				!this.#talks.some((talk) => talk.id === call.id || (!talk.id && talk.chat === call.chat))
		)
	);
	readonly held = $derived(this.#talks.filter((talk) => talk !== this.#current && !talk.over));

	constructor() {
		host.want();
		addEventListener('pagehide', () => this.#talks.forEach((talk) => talk.abandon()));
		addEventListener('online', () => this.#restart());
		const network = (navigator as { connection?: EventTarget & { type?: string } }).connection;
		let type = network?.type;
		network?.addEventListener('change', () => {
			// Chromium tells of its guesses at speed in the same way.
			if (network.type !== type) this.#restart();
			type = network.type;
		});
		own.onlost = (what) => void this.#lost(what);
	}

	/** The one whose screen is shown, also for a moment after its end. */
	get current(): Talk | undefined {
		return this.#current;
	}

	get talks(): readonly Talk[] {
		return this.#talks;
	}

	isSilenced(call: string): boolean {
		return this.#silenced.has(call);
	}

	silence(call: string): void {
		this.#silenced.add(call);
	}

	// --- told by the house --------------------------------------------------------------------------

	changed(call: Call): void {
		if (call.ended_at) {
			this.open.delete(call.id);
			this.#silenced.delete(call.id);
		} else this.open.set(call.id, call);
		for (const talk of this.#talks) if (talk.id === call.id) talk.update(call);
		const mine = legOf(call, engine.me?.person.id ?? '');
		if (!call.ended_at && mine && isRung(mine) && this.#live.length >= TALKS_MAX) void this.decline(call, true);
	}

	signal(signal: CallSignal): void {
		// One that is being joined does not know its leg yet, and keeps what comes early.
		for (const talk of this.#talks) if (talk.id === signal.call || !talk.id) talk.hear(signal);
	}

	/** All that is open, asked for at `askedAt` (`Date.now()`): what is not among them ended while the house was away. */
	looked({ calls: all }: OpenCalls, askedAt: number): void {
		const there = new Set(all.map(({ id }) => id));
		for (const id of [...this.open.keys()]) if (!there.has(id)) this.open.delete(id);
		for (const talk of this.#live) if (talk.leg && talk.enteredAt < askedAt && !there.has(talk.id)) talk.finish('left');
		for (const call of all) this.changed(call);
	}

	// --- what one does ------------------------------------------------------------------------------

	/** Call a chat, or of a large group these members. */
	async start(chat: string, video: boolean, people: string[] = []): Promise<void> {
		const going = this.#live.find((talk) => talk.chat === chat);
		if (going) return this.show(going);
		if (this.#full()) return;
		const talk = this.#begin(chat, video, true);
		const nonce = newNonce();
		await this.#enter(talk, () =>
			engine.command<CallStarted>('call.start', { chat, nonce, video, ...(people.length && { people }) })
		);
	}

	/** Answer, or join one that goes on. `end`: the one that goes on here ends, and is not held. */
	async answer(call: Pick<Call, 'id' | 'chat'>, video: boolean, { end = false, takeOver = false } = {}): Promise<void> {
		const going = this.#live.find(({ id }) => id === call.id);
		if (going) return this.show(going);
		const before = this.#current;
		if (end && before && !before.over) {
			this.#current = undefined;
			before.hangUp();
		}
		if (this.#full()) return;
		const talk = this.#begin(call.chat, video, false);
		talk.call = this.open.get(call.id);
		await this.#enter(talk, () => engine.command<CallStarted>('call.join', { call: call.id, take_over: takeOver }));
	}

	async decline(call: Call, busy = false): Promise<void> {
		this.silence(call.id);
		await engine.command('call.decline', { call: call.id, busy }).catch(() => {});
	}

	/** Decline, and say why in the chat. */
	async declineWith(call: Call, text: string): Promise<void> {
		engine.send(call.chat, { kind: 'text', text });
		await this.decline(call);
	}

	/** Show this one, and hold the one that was shown. */
	show(talk: Talk): void {
		this.minimised = false;
		if (talk === this.#current) return;
		const before = this.#current;
		this.#current = talk;
		dispatchEvent(new Event(SPEAKS));
		if (before && !before.over) void before.hold(true);
		if (talk.held) void talk.hold(false);
	}

	/** Close the screen of a call that ended. */
	close(): void {
		clearTimeout(this.#linger);
		if (this.#current?.over) this.#current = undefined;
	}

	/** Nobody is signed in here any more. */
	leaveAll(): void {
		for (const talk of this.#live) talk.hangUp();
		this.open.clear();
		this.close();
	}

	// --- behind it ----------------------------------------------------------------------------------

	get #live(): Talk[] {
		return this.#talks.filter(({ over }) => !over);
	}

	/** One is in as many calls as one may be, and is told so. */
	#full(): boolean {
		if (this.#live.length < TALKS_MAX) return false;
		toast(t('member.tooMany'), { kind: 'error' });
		return true;
	}

	#begin(chat: string, video: boolean, outgoing: boolean): Talk {
		clearTimeout(this.#linger);
		const talk = new Talk(chat, video, outgoing, (ended) => this.#ended(ended));
		this.#talks = [...this.#live, talk];
		this.show(talk);
		return talk;
	}

	async #enter(talk: Talk, ask: () => Promise<CallStarted>): Promise<void> {
		try {
			await talk.open();
			if (!talk.over) await talk.enter(ask);
		} catch (problem) {
			if (problem instanceof DeviceProblem) {
				this.problem = reasonOf(problem);
				talk.finish('');
				if (this.#current === talk) this.#current = undefined;
			} else talk.finish(codeOf(problem) === 'call_over' ? 'left' : 'refused', problem);
		}
	}

	#ended(talk: Talk): void {
		this.#talks = this.#live;
		if (!this.#live.some(({ camera }) => camera)) own.closeCamera();
		if (!this.#live.some(({ screen }) => screen)) own.closeScreen();
		const [next] = this.#live;
		// The one that was held comes back by itself.
		if (next && (this.#current === talk || !this.#current)) return this.show(next);
		if (this.#current !== talk) return;
		this.#linger = setTimeout(() => this.close(), UNDERSTOOD.has(talk.end ?? '') ? LINGER_MS : LINGER_READ_MS);
	}

	#restart(): void {
		for (const talk of this.#live) talk.restart();
	}

	/** A device was pulled out, or the browser's own button ended the sharing. */
	async #lost(what: 'microphone' | 'camera' | 'screen'): Promise<void> {
		const talk = this.#current;
		if (!talk || talk.over) return;
		if (what === 'screen') await talk.shareScreen(false);
		else if (what === 'camera') await talk.showCamera(false);
		else {
			await own.openMicrophone().catch((problem: unknown) => (this.problem = reasonOf(problem)));
			await talk.apply();
		}
	}
}

export const calls = new Calls();
