/**
 * The way to the house: one WebSocket, opened again whenever it is lost; the HTTP twins and a poll while it cannot be had.
 * It carries commands and frames and knows when the device has caught up; what events mean is not its matter.
 */

import { Failure, failureOf, offline, request } from '$lib/api';
import type { ConnectionStatus } from './contract';
import { inOrder, mayRepeat, twinOf, type Event } from './protocol';

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 15_000;
const OPEN_DEADLINE_MS = 10_000;
const COMMAND_DEADLINE_MS = 20_000;
/** After this much silence the house is asked for a sign of life. */
const SILENCE_MAX_MS = 30_000;
/** When nothing at all came back for this long after something was asked, the link is dead. */
const ANSWER_DEADLINE_MS = 10_000;
const WATCH_EVERY_MS = 2_500;
const POLL_MS = 4_000;
const POLL_HIDDEN_MS = 20_000;
const POLL_PAGE = 500;

export interface Listener {
	/** The cursor to sync from, empty on a new device. */
	cursor(): Promise<string>;
	/** Apply events in order; `cursor` is kept with them. Awaited before the next frame. */
	receive(events: Event[], cursor: string | undefined): Promise<void>;
	/** Nothing more is missing. */
	caughtUp(): Promise<void>;
	/** The house does not know the cursor any more: start from an empty one. */
	lost(): Promise<void>;
	status(status: ConnectionStatus): void;
	/** This device is signed out. */
	ended(): void;
}

interface SyncPage {
	events: Event[];
	cursor: string;
	more: boolean;
}

/** What the command did, as an event, for what this connection is not told again. */
type AsEvent = (ack: Record<string, unknown>) => Event;

interface Pending {
	type: string;
	fields: Record<string, unknown>;
	asEvent: AsEvent | undefined;
	resolve: (ack: Record<string, unknown>) => void;
	reject: (failure: Failure) => void;
	timer: ReturnType<typeof setTimeout>;
}

export class Connection {
	readonly #listener: Listener;
	#socket: WebSocket | undefined;
	#stopped = false;
	#attempt = 0;
	#retry: ReturnType<typeof setTimeout> | undefined;
	#poll: ReturnType<typeof setTimeout> | undefined;
	#watch: ReturnType<typeof setInterval> | undefined;
	#nextId = 1;
	readonly #pending = new Map<string, Pending>();
	/** Sent but unanswered when the connection was lost. */
	#again: Pending[] = [];
	#frames: Promise<void> = Promise.resolve();
	/** The `sync` that is not answered yet: the house takes one at a time. */
	#syncId = '';
	#syncAgain = false;
	/** From the first sync until nothing is missing, the cursor of single events says nothing. */
	#catchingUp = true;
	#heardAt = 0;
	/** When the first of what was asked since the house was last heard was asked; 0 for nothing. */
	#askedAt = 0;

	constructor(listener: Listener) {
		this.#listener = listener;
	}

	start(): void {
		this.#stopped = false;
		addEventListener('online', this.#wake);
		addEventListener('offline', this.#away);
		addEventListener('pageshow', this.#wake);
		document.addEventListener('visibilitychange', this.#wake);
		this.#watch = setInterval(() => this.#look(), WATCH_EVERY_MS);
		this.#open();
	}

	stop(): void {
		this.#stopped = true;
		removeEventListener('online', this.#wake);
		removeEventListener('offline', this.#away);
		removeEventListener('pageshow', this.#wake);
		document.removeEventListener('visibilitychange', this.#wake);
		clearInterval(this.#watch);
		clearTimeout(this.#retry);
		clearTimeout(this.#poll);
		this.#drop();
		for (const pending of this.#again.splice(0)) fail(pending, offline());
	}

	/** @throws {Failure} the refusal, or `offline` when no answer came in time. */
	command(type: string, fields: Record<string, unknown>, asEvent?: AsEvent): Promise<Record<string, unknown>> {
		return new Promise((resolve, reject) => {
			const pending: Pending = {
				type, fields, asEvent, resolve, reject,
				timer: setTimeout(() => {
					this.#forget(pending);
					reject(offline());
				}, COMMAND_DEADLINE_MS)
			};
			this.#dispatch(pending);
		});
	}

	get #isOpen(): boolean {
		return this.#socket?.readyState === WebSocket.OPEN;
	}

	#dispatch(pending: Pending): void {
		if (this.#isOpen) this.#write(pending);
		else void this.#askTwin(pending);
	}

	#write(pending: Pending): void {
		const id = String(this.#nextId++);
		this.#pending.set(id, pending);
		this.#say({ id, type: pending.type, ...pending.fields });
	}

	#say(command: Record<string, unknown>): void {
		this.#askedAt ||= Date.now();
		this.#socket?.send(JSON.stringify(command));
	}

	async #askTwin(pending: Pending): Promise<void> {
		const { method, path, body } = twinOf(pending.type, pending.fields);
		try {
			const ack = (await request<Record<string, unknown> | undefined>(method, path, body, COMMAND_DEADLINE_MS)) ?? {};
			if (pending.asEvent) await this.#listener.receive([pending.asEvent(ack)], undefined);
			succeed(pending, ack);
			// The house answers: no need to wait for the next try.
			this.#open();
		} catch (error) {
			fail(pending, error instanceof Failure ? error : offline());
		}
	}

	#forget(pending: Pending): void {
		for (const [id, other] of this.#pending) if (other === pending) this.#pending.delete(id);
		this.#again = this.#again.filter((other) => other !== pending);
	}

	// --- the socket -------------------------------------------------------------------------------

	#open(): void {
		if (this.#stopped || this.#socket) return;
		clearTimeout(this.#retry);
		const url = new URL('/api/v1/live', location.href);
		url.protocol = url.protocol.replace('http', 'ws');
		const socket = new WebSocket(url);
		this.#socket = socket;
		const deadline = setTimeout(() => socket.close(), OPEN_DEADLINE_MS);
		let opened = false;
		socket.onopen = () => {
			clearTimeout(deadline);
			opened = true;
			clearTimeout(this.#poll);
			this.#heardAt = Date.now();
			this.#askedAt = 0;
			this.#catchingUp = true;
			this.#syncId = '';
			void this.#sync();
			for (const pending of this.#again.splice(0)) this.#write(pending);
		};
		socket.onmessage = ({ data }) => {
			this.#heardAt = Date.now();
			this.#askedAt = 0;
			const frame = String(data);
			this.#frames = this.#frames.then(() => this.#read(socket, frame)).catch((error: unknown) => {
				// What was not stored must not be passed over: begin again from the stored cursor.
				console.error(error);
				socket.close();
			});
		};
		socket.onclose = () => {
			clearTimeout(deadline);
			if (this.#socket === socket) this.#closed(opened);
		};
	}

	#closed(opened: boolean): void {
		this.#socket = undefined;
		for (const pending of this.#pending.values()) {
			if (mayRepeat(pending.type)) this.#again.push(pending);
			else fail(pending, offline());
		}
		this.#pending.clear();
		if (this.#stopped) return;
		// While it is away, one word stands: it does not change with every try.
		if (opened) this.#listener.status(navigator.onLine ? 'connecting' : 'offline');
		const wait = Math.min(BACKOFF_FIRST_MS * 2 ** this.#attempt++, BACKOFF_MAX_MS) * (0.5 + Math.random());
		this.#retry = setTimeout(() => this.#open(), wait);
		// A socket that never opened may be barred by a proxy, or the session may be over: HTTP can tell.
		if (!opened) void this.#pollOnce();
	}

	/** Close the socket without waiting for the other side, which may be gone. */
	#drop(): void {
		const socket = this.#socket;
		if (!socket) return;
		const wasOpen = socket.readyState === WebSocket.OPEN;
		socket.onclose = socket.onmessage = socket.onopen = null;
		socket.close();
		this.#closed(wasOpen);
	}

	async #sync(): Promise<void> {
		const socket = this.#socket;
		if (this.#syncId) {
			this.#syncAgain = true;
			return;
		}
		const id = `s${this.#nextId++}`;
		this.#syncId = id;
		this.#syncAgain = false;
		await this.#frames;
		const cursor = await this.#listener.cursor();
		if (!socket || socket !== this.#socket || socket.readyState !== WebSocket.OPEN) return;
		this.#say({ id, type: 'sync', cursor });
	}

	async #read(socket: WebSocket, frame: string): Promise<void> {
		if (socket !== this.#socket) return;
		const told = JSON.parse(frame) as Event[];
		const events: Event[] = [];
		const answers: (() => void)[] = [];
		let cursor: string | undefined;
		let synced: Extract<Event, { type: 'synced' }> | undefined;
		for (const event of told) {
			if (event.cursor && !this.#catchingUp) cursor = event.cursor;
			if (event.type === 'ack') answers.push(this.#acknowledge(event, events));
			else if (event.type === 'error') {
				if (event.id && event.id === this.#syncId) return this.#syncRefused(failureOf(event));
				answers.push(this.#refuse(event));
			} else if (event.type === 'synced') {
				synced = event;
				cursor = event.cursor;
			} else if (event.type === 'overflow') {
				this.#catchingUp = true;
				void this.#sync();
			} else if (event.type === 'session.ended') return this.#listener.ended();
			else events.push(event);
		}
		if (events.length || cursor !== undefined) await this.#listener.receive(inOrder(events), cursor);
		for (const answer of answers) answer();
		if (!synced) return;
		this.#syncId = '';
		if (synced.more || this.#syncAgain) void this.#sync();
		else await this.#caughtUp();
	}

	#acknowledge(ack: Extract<Event, { type: 'ack' }>, events: Event[]): () => void {
		const pending = this.#pending.get(ack.id);
		this.#pending.delete(ack.id);
		if (!pending) return () => undefined;
		if (pending.asEvent) events.push(pending.asEvent(ack));
		return () => succeed(pending, ack);
	}

	#refuse(error: Extract<Event, { type: 'error' }>): () => void {
		const pending = this.#pending.get(error.id ?? '');
		this.#pending.delete(error.id ?? '');
		return () => pending && fail(pending, failureOf(error));
	}

	async #caughtUp(): Promise<void> {
		const first = this.#catchingUp;
		this.#catchingUp = false;
		this.#attempt = 0;
		this.#listener.status('online');
		if (first) await this.#listener.caughtUp();
	}

	async #syncRefused(failure: Failure): Promise<void> {
		this.#syncId = '';
		if (failure.code === 'unauthenticated') return this.#listener.ended();
		// Busy: the socket is opened again after a while. Anything else speaks of the cursor.
		if (failure.code === 'rate_limited' || failure.code === 'unavailable') return this.#drop();
		await this.#listener.lost();
		void this.#sync();
	}

	// --- signs of life ----------------------------------------------------------------------------

	#look(): void {
		if (!this.#isOpen) return;
		const now = Date.now();
		if (this.#askedAt && now - this.#askedAt > ANSWER_DEADLINE_MS) this.#drop();
		else if (!this.#askedAt && now - this.#heardAt > SILENCE_MAX_MS) void this.#sync();
	}

	readonly #wake = (): void => {
		if (this.#stopped || document.visibilityState === 'hidden' || !navigator.onLine) return;
		if (!this.#socket) {
			this.#attempt = 0;
			this.#listener.status('connecting');
			this.#open();
		} else if (this.#isOpen) void this.#sync();
	};

	readonly #away = (): void => {
		this.#drop();
		this.#listener.status('offline');
	};

	// --- without a socket -------------------------------------------------------------------------

	async #pollOnce(): Promise<void> {
		clearTimeout(this.#poll);
		if (this.#stopped || this.#isOpen) return;
		try {
			let page: SyncPage;
			do {
				const cursor = encodeURIComponent(await this.#listener.cursor());
				page = await request<SyncPage>('GET', `/sync?cursor=${cursor}&limit=${POLL_PAGE}`);
				if (this.#isOpen) return;
				await this.#listener.receive(page.events, page.cursor);
			} while (page.more);
			if (this.#stopped || this.#isOpen) return;
			this.#listener.status('online');
			for (const pending of this.#again.splice(0)) void this.#askTwin(pending);
			await this.#listener.caughtUp();
		} catch (error) {
			return this.#pollFailed(error);
		}
		const wait = document.visibilityState === 'hidden' ? POLL_HIDDEN_MS : POLL_MS;
		this.#poll = setTimeout(() => void this.#pollOnce(), wait);
	}

	async #pollFailed(error: unknown): Promise<void> {
		if (!(error instanceof Failure)) throw error;
		if (error.code === 'unauthenticated') return this.#listener.ended();
		const isAway = ['offline', 'unavailable', 'rate_limited'].includes(error.code);
		if (!isAway) await this.#listener.lost();
		if (!this.#isOpen) this.#listener.status('offline');
	}
}

function succeed(pending: Pending, ack: Record<string, unknown>): void {
	clearTimeout(pending.timer);
	pending.resolve(ack);
}

function fail(pending: Pending, failure: Failure): void {
	clearTimeout(pending.timer);
	pending.reject(failure);
}
