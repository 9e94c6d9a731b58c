/** The reactive picture of the local store that the screens read: filled once, then kept equal to what is committed. */

import { SvelteMap } from 'svelte/reactivity';
import type { Batch, Shelf } from './batch';
import type { ConnectionStatus, ShownChat, ShownMessage } from './contract';
import type { Database, OutboxItem } from './database';
import { LocalFiles } from './localFiles.svelte';
import { ChatState } from './shown.svelte';
import type { Contact, ContactRequest, JoinRequest, Me, Person } from './types';

/** A person is shown as typing for this long. */
const TYPING_MS = 5_000;
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

export class House {
	me: Me | undefined = $state.raw();
	status: ConnectionStatus = $state('connecting');
	ready = $state(false);
	whole = $state(false);
	/** Moves when somebody's voice comes back. */
	now = $state(Date.now());

	readonly chats = new SvelteMap<string, ChatState>();
	readonly people = new SvelteMap<string, Person>();
	readonly contacts = new SvelteMap<string, Contact>();
	readonly requests = new SvelteMap<string, ContactRequest>();
	readonly blocked = new SvelteMap<string, Person>();
	readonly joins = new SvelteMap<string, JoinRequest>();
	/** Of messages of files that are on their way, by nonce. */
	readonly progress = new SvelteMap<string, NonNullable<ShownMessage['progress']>>();
	readonly local = new LocalFiles();

	readonly #shown = $derived(
		[...this.chats.values()]
			.map(({ shown }) => shown)
			// A chat that one left stays while there is something to read in it.
			.filter((chat) => !chat.left || chat.last !== undefined)
			.sort(byNewest)
	);
	readonly open = $derived(this.#shown.filter(({ archived }) => !archived));
	readonly archived = $derived(this.#shown.filter(({ archived }) => archived));
	readonly unreadTotal = $derived(
		this.#shown.reduce((sum, { muted, unread, left }) => (muted || left ? sum : sum + (unread ?? 0)), 0)
	);
	readonly contactList = $derived(
		[...this.contacts.values()]
			.map((contact) => ({ ...contact, person: this.people.get(contact.person.id) ?? contact.person }))
			.sort((a, b) => (a.remark || a.person.name).localeCompare(b.remark || b.person.name))
	);
	readonly requestList = $derived([...this.requests.values()].sort((a, b) => b.at - a.at));
	readonly blockedList = $derived([...this.blocked.values()]);
	readonly joinList = $derived([...this.joins.values()].sort((a, b) => a.at - b.at));

	readonly #typing = new Map<string, ReturnType<typeof setTimeout>>();

	nameOf(id: string): string {
		return this.contacts.get(id)?.remark || this.people.get(id)?.name || '';
	}

	/** Show what the store holds. */
	async load(db: Database): Promise<void> {
		const [people, chats, members] = await Promise.all([
			db.people.toArray(), db.chats.toArray(), db.members.toArray()
		]);
		for (const person of people) this.people.set(person.id, person);
		const membersOf = new Map(members.map((row) => [row.chat, row.members]));
		for (const row of chats) {
			const chat = new ChatState(row, this);
			chat.members = membersOf.get(row.id) ?? [];
			this.chats.set(row.id, chat);
		}
		await this.loadOutbox(db);
		await this.loadLists(db);
	}

	async loadOutbox(db: Database): Promise<void> {
		const items = await db.outbox.toArray();
		await this.local.load(db, items);
		this.#showOutbox(items);
	}

	async loadLists(db: Database): Promise<void> {
		const [contacts, requests, blocked, joins] = await Promise.all([
			db.contacts.toArray(), db.requests.toArray(), db.blocked.toArray(), db.joins.toArray()
		]);
		fill(this.contacts, contacts, ({ person }) => person.id);
		fill(this.requests, requests, ({ id }) => id);
		fill(this.blocked, blocked, ({ id }) => id);
		fill(this.joins, joins, ({ id }) => id);
	}

	/** The whole outbox, in the order of sending. */
	#showOutbox(items: readonly OutboxItem[]): void {
		for (const chat of this.chats.values()) {
			const mine = items.filter((item) => item.chat === chat.id);
			if (mine.length || chat.outbox.length) chat.outbox = mine;
		}
	}

	/** Show what could not be stored as failed. */
	showUnkept(items: readonly OutboxItem[]): void {
		for (const item of items) {
			const chat = this.chats.get(item.chat);
			if (chat) chat.outbox = [...chat.outbox.filter(({ nonce }) => nonce !== item.nonce), { ...item, failed: 'not_kept' }];
		}
	}

	/** Show a batch that is committed. */
	absorb(batch: Batch): void {
		for (const [id, row] of batch.chats.rows) {
			const chat = this.chats.get(id);
			if (chat) chat.row = row;
			else this.chats.set(id, new ChatState(row, this));
		}
		for (const id of batch.chats.removedKeys) this.chats.delete(id);
		for (const [id, members] of batch.members.rows) {
			const chat = this.chats.get(id);
			if (chat) chat.members = members;
			this.#tickAt(members.find(({ person }) => person === this.me?.person.id)?.muted_until ?? 0);
		}
		follow(this.people, batch.people);
		follow(this.contacts, batch.contacts);
		follow(this.requests, batch.requests);
		follow(this.blocked, batch.blocked);
		follow(this.joins, batch.joins);
		this.#absorbOutbox(batch);
		for (const { chat, person, on } of batch.typing) this.#setTyping(chat, person, on);
		const self = this.me && batch.people.get(this.me.person.id);
		if (this.me && self) this.me = { ...this.me, person: self };
	}

	/** Everything about the person who was here is forgotten. */
	clear(): void {
		this.me = undefined;
		this.whole = false;
		for (const timer of this.#typing.values()) clearTimeout(timer);
		this.#typing.clear();
		this.progress.clear();
		this.local.clear();
		for (const map of [this.chats, this.people, this.contacts, this.requests, this.blocked, this.joins]) map.clear();
	}

	#absorbOutbox(batch: Batch): void {
		const gone = new Set(batch.outbox.removedKeys);
		const changed = [...batch.outbox.rows.values()];
		if (!gone.size && !changed.length) return;
		for (const chat of this.chats.values()) {
			const mine = changed.filter((item) => item.chat === chat.id);
			if (!mine.length && !chat.outbox.some(({ nonce }) => gone.has(nonce))) continue;
			const replaced = new Set(mine.map(({ nonce }) => nonce));
			chat.outbox = [...chat.outbox.filter(({ nonce }) => !gone.has(nonce) && !replaced.has(nonce)), ...mine].sort(
				(a, b) => (a.nonce < b.nonce ? -1 : 1)
			);
		}
	}

	#setTyping(chatId: string, person: string, on: boolean): void {
		const chat = this.chats.get(chatId);
		if (!chat || person === this.me?.person.id) return;
		const key = `${chatId}:${person}`;
		clearTimeout(this.#typing.get(key));
		this.#typing.delete(key);
		const rest = chat.typing.filter((id) => id !== person);
		if (on) {
			chat.typing = [...rest, person];
			this.#typing.set(key, setTimeout(() => this.#setTyping(chatId, person, false), TYPING_MS));
		} else if (rest.length !== chat.typing.length) chat.typing = rest;
	}

	#tickAt(at: number): void {
		const wait = at - Date.now();
		if (wait > 0) setTimeout(() => (this.now = Date.now()), Math.min(wait + 50, TIMEOUT_MAX_MS));
		this.now = Date.now();
	}
}

function follow<V>(map: SvelteMap<string, V>, shelf: Shelf<V>): void {
	for (const [key, row] of shelf.rows) map.set(key, row);
	for (const key of shelf.removedKeys) map.delete(key);
}

function fill<V>(map: SvelteMap<string, V>, rows: readonly V[], keyOf: (row: V) => string): void {
	const keys = new Set(rows.map(keyOf));
	for (const key of [...map.keys()]) if (!keys.has(key)) map.delete(key);
	for (const row of rows) map.set(keyOf(row), row);
}

function byNewest(a: ShownChat, b: ShownChat): number {
	return (b.pinned_at ?? 0) - (a.pinned_at ?? 0) || newestAt(b) - newestAt(a) || (a.id < b.id ? 1 : -1);
}

function newestAt(chat: ShownChat): number {
	return chat.last?.at ?? chat.draft?.at ?? 0;
}
