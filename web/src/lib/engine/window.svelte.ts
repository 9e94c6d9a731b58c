/** The loaded part of one chat's history, contiguous, kept equal to the store as it changes. */

import { Failure } from '$lib/api';
import { splitMessageKey, type Batch } from './batch';
import type { MessageWindow, ShownMessage } from './contract';
import { readAround, readNewer, readOlder } from './history';
import type { House } from './house.svelte';
import type { Page } from './ranges';
import type { ChatState } from './shown.svelte';
import type { Store } from './store';
import type { Message } from './types';

/** Beyond this many the far end is let go. */
const LOADED_MAX = 600;
/** Who has seen one of the last so many is at the end. */
const END_MESSAGES = 20;
/** A first page shorter than this does not fill a tall screen. */
const SCREENFUL = 30;
const FIRST_READS_MAX = 3;

export class Window implements MessageWindow {
	readonly chat: string;
	loading = $state(false);
	#stored: Message[] = $state.raw([]);
	/** All that one may see from `low` to `high` is in `stored`; empty when `high` < `low`. */
	#low = $state(1);
	#high = $state(0);
	/** The newest message on screen: while it is near the end, the beginning may be let go. */
	#seen = 0;
	#loaded = false;
	/** The newest message was shown, so the next ones are shown as they come. */
	#following = false;
	#busy: Promise<void> = Promise.resolve();
	/** Told while a read was on its way, which may have missed it. */
	#meanwhile: Batch[] = [];

	readonly #house: House;
	readonly #store: Store;
	readonly #closed: (window: Window) => void;

	readonly messages: ShownMessage[] = $derived.by(() => {
		const chat = this.#chat;
		if (!chat) return [];
		const stored = this.#stored.map((message) => chat.message(message));
		if (this.hasNewer || !chat.outbox.length) return stored;
		// Sent by another tab, it can be here as a message before this tab has heard that it left the outbox.
		const arrived = new Set(stored.map(({ nonce }) => nonce));
		return [...stored, ...chat.outbox.filter(({ nonce }) => !arrived.has(nonce)).map((item) => chat.unsent(item))];
	});

	constructor(chat: string, house: House, store: Store, closed: (window: Window) => void) {
		this.chat = chat;
		this.#house = house;
		this.#store = store;
		this.#closed = closed;
	}

	get #chat(): ChatState | undefined {
		return this.#house.chats.get(this.chat);
	}

	get #floor(): number {
		return this.#chat?.floor ?? 1;
	}

	get #last(): number {
		return this.#chat?.row.last_seq ?? 0;
	}

	get hasOlder(): boolean {
		return this.#low > this.#floor;
	}

	get hasNewer(): boolean {
		return this.#high < this.#last;
	}

	loadOlder(): Promise<void> {
		return this.#load(async () => {
			if (!this.hasOlder) return;
			this.#prepend(await readOlder(this.#store, this.chat, this.#low, this.#floor));
		});
	}

	loadNewer(): Promise<void> {
		return this.#load(() => this.#readNewer());
	}

	async jumpTo(seq: number): Promise<void> {
		await this.#load(async () => {
			if (this.#low <= seq && seq <= this.#high) return;
			this.#show(await readAround(this.#store, this.chat, seq, this.#floor));
		}, true);
	}

	async jumpToNewest(): Promise<void> {
		await this.#load(async () => {
			if (this.#loaded && !this.hasNewer) return;
			await this.#readNewest();
		});
	}

	close(): void {
		this.#closed(this);
	}

	/** What the screen has shown up to. */
	sawUpTo(seq: number): void {
		this.#seen = Math.max(this.#seen, seq);
	}

	/** The loaded messages after `from`, up to `to`. */
	between(from: number, to: number): Message[] {
		return this.#stored.filter(({ seq }) => from < seq && seq <= to);
	}

	/** Show a change before the house has confirmed it; `undefined` takes the message away. */
	overlay(seq: number, change: (message: Message) => Message | undefined): void {
		this.#stored = this.#stored.flatMap((message) => (message.seq === seq ? (change(message) ?? []) : message));
	}

	/** Show what the store holds: a change that was shown too early is undone. */
	async reread(): Promise<void> {
		const rows = await this.#store.range(this.chat, this.#low, this.#high);
		this.#stored = rows;
	}

	/** Follow a committed batch; called before the screens learn of its chat rows. */
	follow(batch: Batch): void {
		if (this.loading) this.#meanwhile.push(batch);
		const cleared = batch.cleared.get(this.chat);
		if (cleared !== undefined) {
			this.#stored = this.#stored.filter(({ seq }) => seq > cleared);
			this.#low = Math.max(this.#low, cleared + 1);
			this.#high = Math.max(this.#high, cleared);
		}
		const gone = seqsOf(this.chat, batch.messages.removedKeys);
		if (gone.length) this.#stored = this.#stored.filter(({ seq }) => !gone.includes(seq));
		const changed = [...batch.messages.rows.values()].filter(({ chat }) => chat === this.chat);
		if (changed.length) this.#merge(changed);
		const last = batch.chats.get(this.chat)?.last_seq ?? 0;
		if (!this.#loaded && last && !this.loading) queueMicrotask(() => void this.jumpToNewest());
		if (last > this.#high) queueMicrotask(() => this.resume());
	}

	/** Something between was missed: read it, so that the newest is not behind a gap. */
	resume(): void {
		if (!this.#following || !this.hasNewer || this.loading) return;
		if (this.#stored.length >= LOADED_MAX && !this.#readsEnd) this.#following = false;
		else void this.loadNewer();
	}

	get #readsEnd(): boolean {
		return this.#seen >= this.#high - END_MESSAGES;
	}

	#merge(changed: Message[]): void {
		const within = new Map(changed.filter(({ seq }) => this.#low <= seq && seq <= this.#high).map((m) => [m.seq, m]));
		let next = this.#stored;
		if (within.size) {
			next = next.map((message) => within.get(message.seq) ?? message);
			const held = new Set(next.map(({ seq }) => seq));
			const added = [...within.values()].filter(({ seq }) => !held.has(seq));
			if (added.length) next = [...next, ...added].sort((a, b) => a.seq - b.seq);
		}
		if (this.#following) {
			const newer = changed.filter(({ seq }) => seq > this.#high).sort((a, b) => a.seq - b.seq);
			const readsEnd = this.#readsEnd;
			for (const message of newer) {
				if (message.seq !== this.#high + 1) break;
				// Someone who reads far above keeps what they read: the newest is loaded when they come down.
				if (next.length >= LOADED_MAX && !readsEnd) {
					this.#following = false;
					break;
				}
				next = [...next, message];
				this.#high = message.seq;
			}
		}
		if (next !== this.#stored) this.#stored = next;
		if (this.#following && this.#stored.length > LOADED_MAX) this.#dropOldest();
	}

	async #readNewest(): Promise<void> {
		if (!this.#chat) return;
		const last = this.#last;
		if (last < this.#floor) {
			this.#show({ messages: [], low: this.#floor, high: last });
			return;
		}
		this.#show(await readOlder(this.#store, this.chat, last + 1, this.#floor));
		for (let read = 1; read < FIRST_READS_MAX && this.hasOlder && this.#stored.length < SCREENFUL; read++)
			this.#prepend(await readOlder(this.#store, this.chat, this.#low, this.#floor));
		this.#following = true;
	}

	async #readNewer(): Promise<void> {
		if (!this.hasNewer) return;
		const page = await readNewer(this.#store, this.chat, this.#high, this.#last);
		// A live message may have come in while the page was read.
		const fresh = page.messages.filter(({ seq }) => seq > this.#high);
		this.#stored = [...this.#stored, ...fresh];
		this.#high = Math.max(this.#high, page.high);
		if (!this.hasNewer) this.#following = true;
		if (this.#stored.length > LOADED_MAX) this.#dropOldest();
	}

	#show(page: Page<Message>): void {
		this.#stored = page.messages;
		this.#low = page.low;
		this.#high = page.high;
		this.#seen = 0;
		this.#loaded = true;
		this.#following = !this.hasNewer;
	}

	#prepend(page: Page<Message>): void {
		this.#stored = [...page.messages.filter(({ seq }) => seq < this.#low), ...this.#stored];
		this.#low = Math.min(this.#low, page.low);
		if (this.#stored.length <= LOADED_MAX) return;
		this.#stored = this.#stored.slice(0, LOADED_MAX);
		this.#high = this.#stored.at(-1)?.seq ?? this.#high;
		this.#following = false;
	}

	#dropOldest(): void {
		this.#stored = this.#stored.slice(-LOADED_MAX);
		this.#low = this.#stored[0]?.seq ?? this.#low;
	}

	/** One read at a time. Without a network there is nothing more to show, which only a jump has to say. */
	#load(read: () => Promise<void>, mustSucceed = false): Promise<void> {
		const work = this.#busy.then(async () => {
			this.loading = true;
			const { low, high } = { low: this.#low, high: this.#high };
			try {
				await read();
			} catch (error) {
				if (mustSucceed || !(error instanceof Failure)) throw error;
			} finally {
				this.loading = false;
				for (const batch of this.#meanwhile.splice(0)) this.follow(batch);
			}
			// More came while this was read. A read that brought nothing is not repeated at once.
			if (low !== this.#low || high !== this.#high) this.resume();
		});
		this.#busy = work.catch(() => undefined);
		return work;
	}
}

function seqsOf(chat: string, keys: readonly string[]): number[] {
	return keys.map(splitMessageKey).flatMap(([of, seq]) => (of === chat ? seq : []));
}
