/** The rows that one change of the local store reads and writes: loaded, decided on without I/O, then written at once. */

import type { ChatRow, FileRow, OutboxItem, UnheardRow } from './database';
import type { Span } from './ranges';
import type { Contact, ContactRequest, JoinRequest, Member, Message, Person } from './types';

/** The rows of one table that a batch touches. */
export class Shelf<V> {
	readonly #rows = new Map<string, V>();
	readonly #put = new Set<string>();
	readonly #removed = new Set<string>();

	/** A row as the store has it. */
	load(key: string, row: V | undefined): void {
		if (row !== undefined) this.#rows.set(key, row);
	}

	get(key: string): V | undefined {
		return this.#rows.get(key);
	}

	put(key: string, row: V): void {
		this.#rows.set(key, row);
		this.#put.add(key);
		this.#removed.delete(key);
	}

	remove(key: string): void {
		this.#rows.delete(key);
		this.#put.delete(key);
		this.#removed.add(key);
	}

	/** All rows, loaded ones too: another tab may have changed them since this one last looked. */
	get rows(): ReadonlyMap<string, V> {
		return this.#rows;
	}

	get putKeys(): string[] {
		return [...this.#put];
	}

	get removedKeys(): string[] {
		return [...this.#removed];
	}
}

export function messageKey(chat: string, seq: number): string {
	return `${chat}:${seq}`;
}

export function splitMessageKey(key: string): [string, number] {
	const [chat = '', seq] = key.split(':');
	return [chat, Number(seq)];
}

export class Batch {
	readonly chats = new Shelf<ChatRow>();
	readonly members = new Shelf<Member[]>();
	readonly spans = new Shelf<Span[]>();
	readonly messages = new Shelf<Message>();
	readonly people = new Shelf<Person>();
	readonly contacts = new Shelf<Contact>();
	readonly requests = new Shelf<ContactRequest>();
	readonly blocked = new Shelf<Person>();
	readonly joins = new Shelf<JoinRequest>();
	readonly outbox = new Shelf<OutboxItem>();
	readonly unheard = new Shelf<UnheardRow>();

	/** Files of drafts, to be written. */
	readonly files: FileRow[] = [];

	/** Chats whose messages up to a seq are gone. */
	readonly cleared = new Map<string, number>();
	/** Chats of which this device cannot know all from what it was told: to be read again. */
	readonly stale = new Set<string>();
	/** Chats whose newest message was deleted: to be found again among those that are left. */
	readonly headless = new Set<string>();
	/** Who is typing (true) or has just sent (false). Not stored. */
	readonly typing: { chat: string; person: string; on: boolean }[] = [];
	/** Messages of others that arrived: the newest seq by chat. */
	readonly arrived = new Map<string, number>();
	/** The new cursor, written with the rows. */
	cursor: string | undefined;
	/** Set when all chats and contacts were read, which the first cursor does not bring. */
	whole: boolean | undefined;
}

/** What of the store a batch has to know before it decides. */
export interface Wanted {
	chats: Set<string>;
	/** Chats whose members are needed too: up to thousands, so not with every message. */
	members: Set<string>;
	messages: Set<string>;
	outbox: Set<string>;
	contacts: Set<string>;
}

export function wanted(): Wanted {
	return { chats: new Set(), members: new Set(), messages: new Set(), outbox: new Set(), contacts: new Set() };
}
