/** The engine: it joins the reactive house, the local store, the connection and what waits to be sent. */

import { request } from '$lib/api';
import { messageKey, type Batch } from './batch';
import { Connection, type Listener } from './connection';
import type { Engine, MediaDraft, MessageWindow, SendOptions, ShownChat } from './contract';
import { readAround } from './history';
import { House } from './house.svelte';
import { Outbox } from './outbox';
import { Preparing } from './preparing';
import type { Event } from './protocol';
import { push } from './push.svelte';
import { wantedBy, counts, mentions, putPeople, reduce } from './reduce';
import { Refresh } from './refresh';
import { rememberMe, rememberedMe, leftWithoutNetwork, setLeftWithoutNetwork } from './remembered';
import { RECEIPT_MEMBERS_MAX, type ChatState } from './shown.svelte';
import { Store, type Notice } from './store';
import { Tabs } from './tabs';
import type {
	AnyContent,
	Me,
	MediaCard,
	Member,
	Message,
	NewCaptionContent,
	NewContent,
	NewTextContent,
	Person,
	Reaction,
	SearchHit,
	Variant
} from './types';
import { Unheard } from './unheard';
import { Window } from './window.svelte';
import { closeNotifications, showBadge, startWorker } from './worker';

/** Somebody who was never here waits at most this long for the sign-in page. */
const FIRST_ANSWER_MS = 5_000;

/** What exists while somebody is signed in. */
interface Session {
	store: Store;
	connection: Connection;
	outbox: Outbox;
	preparing: Preparing;
	unheard: Unheard;
	refresh: Refresh;
	/** Has the house said who is signed in, since this page was opened? */
	greeted: boolean;
}

export class Client implements Engine {
	readonly #house = new House();
	readonly #windows = new Set<Window>();
	readonly #tabs = new Tabs((message) => {
		const me = this.me?.person.id;
		if (message.type === 'signed-in' && !me) void this.#enter();
		if (message.type === 'signed-out' && message.person === me) this.#leave();
		if (message.type === 'changed' && message.person === me) void this.#otherTabChanged(message.notice);
	});
	readonly #listeners = new Set<{ type: Event['type']; heard: (event: unknown) => void }>();
	#session: Session | undefined;
	/** Shown while the page was hidden: read when the person looks at it again. */
	readonly #unseen = new Map<string, number>();

	/** Show what is stored of the person who was here last, and connect. */
	async start(): Promise<void> {
		$effect.root(() => {
			$effect(() => showBadge(this.unreadTotal));
		});
		startWorker().catch(console.error);
		void push.refresh();
		document.addEventListener('visibilitychange', () => this.#readUnseen());
		try {
			const me = rememberedMe();
			if (me) await this.#open(me);
			else if (leftWithoutNetwork()) await this.#signOutLate();
			else await this.#enter();
		} finally {
			this.#house.ready = true;
		}
	}

	// --- what there is ----------------------------------------------------------------------------

	get me() { return this.#house.me; }
	get status() { return this.#house.status; }
	get ready() { return this.#house.ready; }
	get whole() { return this.#house.whole; }
	get chats() { return this.#house.open; }
	get archived() { return this.#house.archived; }
	get unreadTotal() { return this.#house.unreadTotal; }
	get contacts() { return this.#house.contactList; }
	get requests() { return this.#house.requestList; }
	get blocked() { return this.#house.blockedList; }
	get joins() { return this.#house.joinList; }

	chat(id: string): ShownChat | undefined {
		return this.#house.chats.get(id)?.shown;
	}

	person(id: string): Person | undefined {
		return this.#house.people.get(id);
	}

	nameOf(id: string): string {
		return this.#house.nameOf(id);
	}

	member(chat: string, person: string): Member | undefined {
		return this.#house.chats.get(chat)?.member(person);
	}

	openWindow(chat: string): MessageWindow {
		const { store, refresh } = this.#signedIn;
		const window = new Window(chat, this.#house, store, (closed) => this.#windows.delete(closed));
		this.#windows.add(window);
		void window.jumpToNewest();
		const state = this.#house.chats.get(chat);
		// A list of chats may leave members of large groups out.
		if (!state || (state.row.kind === 'group' && state.members.length < state.row.member_count)) refresh.add([chat]);
		return window;
	}

	// --- messages ---------------------------------------------------------------------------------

	send(chat: string, content: NewContent, options: SendOptions = {}): void {
		const { outbox, unheard } = this.#signedIn;
		unheard.typed(chat);
		void outbox.send(chat, content, options, options.reply ? this.#loaded(chat, options.reply) : undefined);
	}

	sendMedia(chat: string, draft: MediaDraft, options: SendOptions = {}): void {
		const { outbox } = this.#signedIn;
		void outbox.sendMedia(chat, draft, options, options.reply ? this.#loaded(chat, options.reply) : undefined);
	}

	mediaUrl(media: MediaCard, variant: Variant): string | undefined {
		return this.#house.local.url(media, variant);
	}

	forward(from: { chat: string; seq: number }[], to: string[]): void {
		void this.#forward(from, to);
	}

	retry(_chat: string, nonce: string): void {
		void this.#signedIn.outbox.retry(nonce);
	}

	discard(_chat: string, nonce: string): void {
		void this.#signedIn.outbox.discard(nonce);
	}

	edit(chat: string, seq: number, content: NewTextContent | NewCaptionContent): Promise<void> {
		const change = (message: Message): Message => ({
			...message,
			content: editedContent(message.content, content),
			edited_at: Date.now()
		});
		return this.#early(chat, [seq], change, 'message.edit', { chat, seq, content });
	}

	recall(chat: string, seq: number): Promise<void> {
		const by = this.me?.person.id ?? '';
		const change = (message: Message): Message => ({ ...message, content: { kind: 'recalled', by } });
		return this.#early(chat, [seq], change, 'message.recall', { chat, seq });
	}

	deleteForMe(chat: string, seqs: number[]): Promise<void> {
		return this.#early(chat, seqs, () => undefined, 'message.delete', { chat, seqs });
	}

	react(chat: string, seq: number, emoji: string, on: boolean): Promise<void> {
		const me = this.me?.person.id ?? '';
		const change = (message: Message) => ({ ...message, reactions: withReaction(message.reactions ?? [], emoji, me, on) });
		return this.#early(chat, [seq], change, 'message.react', { chat, seq, emoji, on });
	}

	vote(chat: string, seq: number, options: number[]): Promise<void> {
		const change = (message: Message): Message => ({ ...message, chosen: options });
		return this.#early(chat, [seq], change, 'poll.vote', { chat, seq, options });
	}

	async closePoll(chat: string, seq: number): Promise<void> {
		await this.#signedIn.connection.command('poll.close', { chat, seq });
	}

	played(chat: string, seq: number): void {
		const { store, connection } = this.#signedIn;
		const key = messageKey(chat, seq);
		void store.commit({ messages: new Set([key]) }, (batch) => {
			const message = batch.messages.get(key);
			if (message) batch.messages.put(key, { ...message, played: true });
		});
		// Lost only when the house is away just now: then the dot is there on other devices a little longer.
		connection.command('message.play', { chat, seq }).catch(() => undefined);
	}

	markRead(chat: string, seq: number): void {
		for (const window of this.#windowsOf(chat)) window.sawUpTo(seq);
		const state = this.#house.chats.get(chat);
		if (!state || seq <= state.row.read_seq) return;
		if (document.visibilityState === 'hidden') {
			this.#unseen.set(chat, Math.max(seq, this.#unseen.get(chat) ?? 0));
			return;
		}
		const before = state.row;
		const read = this.#readTo(state, Math.min(seq, before.last_seq));
		state.row = { ...before, ...read };
		const { store, unheard } = this.#signedIn;
		void store.commit({ chats: new Set([chat]) }, (batch) => {
			const row = batch.chats.get(chat);
			if (!row || row.read_seq >= read.read_seq) return;
			// More may have come since the screen was looked at.
			const unread = row.last_seq === before.last_seq ? read.unread : Math.max(row.unread - (before.unread - read.unread), 0);
			const mentioned = row.mentioned > read.read_seq ? row.mentioned : read.mentioned;
			batch.chats.put(chat, { ...row, read_seq: read.read_seq, unread, mentioned });
			batch.unheard.put(chat, { ...batch.unheard.get(chat), chat, read: read.read_seq });
		});
		unheard.read(chat, read.read_seq);
		void closeNotifications(chat);
	}

	typing(chat: string): void {
		if (this.status === 'online') this.#signedIn.unheard.typing(chat);
	}

	saveDraft(chat: string, text: string, reply?: number): void {
		this.#signedIn.unheard.draft(chat, text, reply);
	}

	// --- chats ------------------------------------------------------------------------------------

	async prefer(chat: string, preferences: { pinned?: boolean; muted?: boolean; archived?: boolean }): Promise<void> {
		const state = this.#house.chats.get(chat);
		const { pinned, ...others } = preferences;
		const pinnedAt = pinned === undefined ? {} : { pinned_at: pinned ? Date.now() : 0 };
		if (state) state.row = { ...state.row, ...others, ...pinnedAt };
		try {
			await this.command('chat.prefer', { chat, ...preferences });
		} catch (error) {
			await this.#session?.store.commit({ chats: new Set([chat]) }, () => undefined);
			throw error;
		}
	}

	async clear(chat: string): Promise<void> {
		await this.command('chat.clear', { chat });
	}

	async command<T = Record<string, unknown>>(type: string, fields: Record<string, unknown>): Promise<T> {
		const { connection, refresh } = this.#signedIn;
		const ack = await connection.command(type, fields);
		// A chat that was just made or joined is there when the screen goes to it.
		if (typeof ack.chat === 'string' && ack.chat && !ack.waiting && !this.#house.chats.has(ack.chat))
			await refresh.chat(ack.chat);
		return ack as T;
	}

	listen<T>(type: Event['type'], heard: (event: T) => void): () => void {
		const listener = { type, heard: heard as (event: unknown) => void };
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	async kept<T>(key: string): Promise<T | undefined> {
		return (await this.#signedIn.store.db.meta.get(`room:${key}`))?.value as T | undefined;
	}

	async keep(key: string, value: unknown): Promise<void> {
		await this.#signedIn.store.db.meta.put({ key: `room:${key}`, value });
	}

	async search(text: string, chat?: string, after?: string): Promise<{ hits: SearchHit[]; next: string }> {
		const query = new URLSearchParams({ text, ...(chat && { chat }), ...(after && { after }) });
		const page = await request<{ hits: SearchHit[]; people: Person[]; next?: string }>('GET', `/search?${query}`);
		await this.#signedIn.store.commit({}, (batch) => putPeople(batch, page.people));
		return { hits: page.hits, next: page.next ?? '' };
	}

	// --- coming and going -------------------------------------------------------------------------

	async signedIn(): Promise<void> {
		setLeftWithoutNetwork(false);
		await this.#open(await request<Me>('GET', '/me'));
		this.#tabs.tell({ type: 'signed-in' });
		// An installed app asks for a store that the browser does not empty; a tab would only bother the person.
		if (matchMedia('(display-mode: standalone)').matches) void navigator.storage?.persist?.();
	}

	async signOut(): Promise<void> {
		await push.disable().catch(() => undefined);
		try {
			await request('DELETE', '/sessions/current');
		} catch {
			setLeftWithoutNetwork(true);
		}
		await this.#end();
	}

	async #enter(): Promise<void> {
		try {
			await this.#open(await request<Me>('GET', '/me', undefined, FIRST_ANSWER_MS));
		} catch {
			// Nobody is signed in here, or the house cannot be asked.
			this.#house.status = navigator.onLine ? 'online' : 'offline';
		}
	}

	/** The house was away when this person signed out here: its session ends now. */
	async #signOutLate(): Promise<void> {
		try {
			await request('DELETE', '/sessions/current');
			setLeftWithoutNetwork(false);
		} catch {
			// The next start tries again.
		}
	}

	async #open(me: Me): Promise<void> {
		const person = me.person.id;
		if (this.me?.person.id === person) return this.#setMe(me);
		this.#leave();
		this.#setMe(me);
		const store = new Store(person, (batch) => this.#committed(batch), (notice) =>
			this.#tabs.tell({ type: 'changed', person, notice })
		);
		try {
			await this.#house.load(store.db);
			this.#house.whole = (await store.meta()).whole;
		} catch (error) {
			this.#leave();
			throw error;
		}
		const connection = new Connection(this.#listener(store));
		const { local, progress } = this.#house;
		const outbox: Outbox = new Outbox(store, connection, local, () => preparing, (items) => this.#house.showUnkept(items));
		const preparing = new Preparing(store, connection, local, progress, () => outbox.flush());
		const unheard = new Unheard(store, connection);
		const refresh = new Refresh(store, this.#house);
		this.#session = { store, connection, outbox, preparing, unheard, refresh, greeted: false };
		connection.start();
	}

	#setMe(me: Me): void {
		rememberMe(me);
		this.#house.me = me;
		this.#house.people.set(me.person.id, me.person);
	}

	/** Forget, in this tab. */
	#leave(): void {
		const session = this.#session;
		this.#session = undefined;
		this.#windows.clear();
		this.#unseen.clear();
		this.#house.clear();
		if (!session) return;
		session.unheard.stop();
		session.outbox.stop();
		session.preparing.stop();
		session.refresh.stop();
		session.connection.stop();
		session.store.close();
	}

	/** Forget, on this device. */
	async #end(): Promise<void> {
		const person = this.me?.person.id;
		this.#leave();
		rememberMe(undefined);
		if (!person) return;
		this.#tabs.tell({ type: 'signed-out', person });
		await Store.wipe(person);
	}

	// --- behind the scenes ------------------------------------------------------------------------

	get #signedIn(): Session {
		if (!this.#session) throw new Error('Nobody is signed in');
		return this.#session;
	}

	#windowsOf(chat: string): Window[] {
		return [...this.#windows].filter((window) => window.chat === chat);
	}

	#listener(store: Store): Listener {
		return {
			cursor: async () => (await store.meta()).cursor,
			receive: async (events, cursor) => {
				await store.commit(wantedBy(events), (batch) => {
					reduce(batch, events, store.person);
					batch.cursor = cursor;
				});
				for (const event of events) {
					if (event.type === 'media.changed') this.#session?.preparing.changed(event.media);
					for (const { type, heard } of this.#listeners) if (type === event.type) heard(event);
				}
			},
			caughtUp: () => this.#caughtUp(store),
			lost: () => store.startOver(),
			status: (status) => {
				this.#house.status = status;
			},
			ended: () => void this.#end()
		};
	}

	async #caughtUp(store: Store): Promise<void> {
		const session = this.#session;
		if (session?.store !== store) return;
		if (!session.greeted) {
			session.greeted = true;
			const me = await request<Me>('GET', '/me').catch(() => undefined);
			if (this.#session !== session) return;
			// The cookie may be of somebody else by now: nothing of the one is shown or sent as the other's.
			if (me && me.person.id !== store.person) return this.#open(me);
			if (me) this.#setMe(me);
		}
		if (!(await store.meta()).whole) await session.refresh.all();
		session.outbox.flush();
		void session.preparing.start();
		await session.unheard.flush();
		for (const [id, { row }] of this.#house.chats)
			if (row.last_message?.sender !== store.person) this.#receive(id, row.last_seq);
		session.refresh.flush();
		for (const window of this.#windows) window.resume();
	}

	#committed(batch: Batch): void {
		for (const window of this.#windows) window.follow(batch);
		this.#house.absorb(batch);
		if (batch.whole) this.#house.whole = true;
		if (this.me && batch.people.get(this.me.person.id)) rememberMe(this.me);
		for (const [chat, seq] of batch.arrived) this.#receive(chat, seq);
		this.#session?.refresh.add(batch.stale);
	}

	#readUnseen(): void {
		if (document.visibilityState === 'hidden' || !this.#session) return;
		const unseen = [...this.#unseen];
		this.#unseen.clear();
		for (const [chat, seq] of unseen) if (this.#windowsOf(chat).length) this.markRead(chat, seq);
	}

	/** Tell the others that messages reached this device, where they are shown it. */
	#receive(id: string, seq: number): void {
		const chat = this.#house.chats.get(id);
		if (!chat || chat.row.left || chat.row.kind === 'channel' || chat.row.member_count > RECEIPT_MEMBERS_MAX) return;
		if (seq > (chat.member(this.me?.person.id ?? '')?.delivered_seq ?? 0)) this.#session?.unheard.delivered(id, seq);
	}

	async #otherTabChanged(notice: Notice): Promise<void> {
		const session = this.#session;
		if (!session) return;
		const shown = new Set([...this.#windows].map(({ chat }) => chat));
		const isShown = (key: string) => shown.has(key.split(':')[0] ?? '');
		const { store } = session;
		await store.reread({ ...notice, messages: notice.messages.filter(isShown) });
		if (notice.lists) await store.read((db) => this.#house.loadLists(db));
		if (!notice.outbox) return;
		await store.read((db) => this.#house.loadOutbox(db));
		// The tab that wrote it may be gone already.
		session.outbox.flush();
		void session.preparing.start();
	}

	#loaded(chat: string, seq: number): Message | undefined {
		for (const window of this.#windowsOf(chat)) {
			const [message] = window.between(seq - 1, seq);
			if (message) return message;
		}
		return undefined;
	}

	async #forward(from: readonly { chat: string; seq: number }[], to: readonly string[]): Promise<void> {
		const { store, outbox } = this.#signedIn;
		const messages: Message[] = [];
		for (const { chat, seq } of from) {
			const known = await store.db.messages.get([chat, seq]);
			const message = known ?? (await readAround(store, chat, seq, 1)).messages.find((other) => other.seq === seq);
			if (message) messages.push(message);
		}
		await outbox.forward(messages, to, (id) => this.person(id)?.name ?? '');
	}

	/** Show a change of messages before the house confirms it; undo it when it is refused. */
	async #early(
		chat: string,
		seqs: readonly number[],
		change: (message: Message) => Message | undefined,
		type: string,
		fields: Record<string, unknown>
	): Promise<void> {
		const { connection } = this.#signedIn;
		for (const window of this.#windowsOf(chat)) for (const seq of seqs) window.overlay(seq, change);
		try {
			await connection.command(type, fields);
		} catch (error) {
			await Promise.all(this.#windowsOf(chat).map((window) => window.reread()));
			throw error;
		}
	}

	/** What is unread once all up to `seq` is read; the messages that were just on screen are loaded. */
	#readTo(state: ChatState, seq: number): { read_seq: number; unread: number; mentioned: number } {
		const { row } = state;
		const me = this.me?.person.id ?? '';
		if (seq >= row.last_seq) return { read_seq: seq, unread: 0, mentioned: 0 };
		const window = this.#windowsOf(state.id)[0];
		const seen = window?.between(row.read_seq, seq).filter((message) => counts(message, me)).length ?? 0;
		const ahead = window?.between(seq, row.last_seq).find((message) => counts(message, me) && mentions(message, me));
		const mentioned = row.mentioned > seq ? row.mentioned : (ahead?.seq ?? 0);
		return { read_seq: seq, unread: Math.max(row.unread - seen, 0), mentioned };
	}
}

/** What a message says after an edit, as far as this device can know. */
function editedContent(before: AnyContent, edit: NewTextContent | NewCaptionContent): AnyContent {
	if (edit.kind === 'caption') return 'caption' in before ? { ...before, caption: edit.text } : before;
	const { preview: _preview, ...text } = edit;
	return text;
}

function withReaction(reactions: readonly Reaction[], emoji: string, person: string, on: boolean): Reaction[] {
	const others = (people: readonly string[]) => people.filter((id) => id !== person);
	const known = reactions.some((reaction) => reaction.emoji === emoji);
	const changed = reactions.map((reaction) =>
		reaction.emoji === emoji ? { emoji, people: [...others(reaction.people), ...(on ? [person] : [])] } : reaction
	);
	if (on && !known) changed.push({ emoji, people: [person] });
	return changed.filter(({ people }) => people.length > 0);
}
