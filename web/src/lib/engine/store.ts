/**
 * One person's local store. Every change goes through `commit`, one after the other: rows are loaded, changed without
 * I/O and written in one transaction, then told to this tab's screens and to the other tabs.
 */

import { Dexie, type Table } from 'dexie';
import { Batch, messageKey, splitMessageKey, wanted, type Shelf, type Wanted } from './batch';
import { Database, databaseName } from './database';
import { spanHolding, type Page } from './ranges';
import type { Message } from './types';

export interface Meta {
	cursor: string;
	/** True once all chats and contacts were read after the first cursor. */
	whole: boolean;
}

/** What another tab is told to read again. */
export interface Notice {
	chats: string[];
	members: string[];
	messages: string[];
	gone: string[];
	cleared: [string, number][];
	people: string[];
	lists: boolean;
	outbox: boolean;
}

export class Store {
	readonly db: Database;
	#last: Promise<unknown> = Promise.resolve();

	constructor(
		readonly person: string,
		/** Called in the order of the commits. */
		private readonly committed: (batch: Batch) => void,
		private readonly tell: (notice: Notice) => void
	) {
		this.db = new Database(person);
	}

	close(): void {
		this.db.close();
	}

	static wipe(person: string): Promise<void> {
		return Dexie.delete(databaseName(person));
	}

	async meta(): Promise<Meta> {
		const row = await this.db.meta.get('sync');
		return (row?.value as Meta | undefined) ?? { cursor: '', whole: false };
	}

	/** Load what is wanted, change it, write what was changed. */
	commit(want: Partial<Wanted>, change: (batch: Batch) => void): Promise<Batch> {
		return this.#serially(async () => {
			const batch = new Batch();
			await this.db.transaction('rw', this.db.tables, async () => {
				await this.#load(batch, { ...wanted(), ...want });
				change(batch);
				await this.#findHeads(batch);
				await this.#write(batch);
			});
			this.committed(batch);
			const notice = noticeOf(batch);
			if (notice) this.tell(notice);
			return batch;
		});
	}

	/** Read again what another tab changed. */
	reread(notice: Notice): Promise<void> {
		return this.#serially(async () => {
			const batch = new Batch();
			const { db } = this;
			await db.transaction('r', db.tables, async () => {
				await this.#load(batch, {
					...wanted(),
					chats: new Set(notice.chats),
					members: new Set(notice.members),
					messages: new Set(notice.messages)
				});
				shelve(batch.people, notice.people, await db.people.bulkGet(notice.people));
			});
			for (const key of notice.gone) batch.messages.remove(key);
			for (const [chat, seq] of notice.cleared) batch.cleared.set(chat, seq);
			this.committed(batch);
		});
	}

	/** Read in turn with the commits. */
	read<T>(work: (db: Database) => Promise<T>): Promise<T> {
		return this.#serially(() => work(this.db));
	}

	/** Changes may have been missed: begin without a cursor and without history, but keep what is unsent. */
	async startOver(): Promise<void> {
		await this.#serially(async () => {
			await this.db.transaction('rw', [this.db.messages, this.db.spans, this.db.meta], () =>
				Promise.all([this.db.messages.clear(), this.db.spans.clear(), this.db.meta.delete('sync')])
			);
		});
	}

	/** Up to `limit` messages below `before` that the store holds without a hole, or nothing when they must be asked for. */
	async older(chat: string, before: number, floor: number, limit: number): Promise<Page<Message> | undefined> {
		const span = spanHolding((await this.db.spans.get(chat))?.spans ?? [], before - 1);
		if (!span) return undefined;
		const from = Math.max(span[0], floor);
		const rows = await this.#between(chat, from, before - 1).reverse().limit(limit).toArray();
		const low = rows.length === limit ? (rows.at(-1)?.seq ?? from) : from;
		return { messages: rows.reverse(), low, high: before - 1 };
	}

	async newer(chat: string, after: number, limit: number): Promise<Page<Message> | undefined> {
		const span = spanHolding((await this.db.spans.get(chat))?.spans ?? [], after + 1);
		if (!span) return undefined;
		const rows = await this.#between(chat, after + 1, span[1]).limit(limit).toArray();
		const high = rows.length === limit ? (rows.at(-1)?.seq ?? span[1]) : span[1];
		return { messages: rows, low: after + 1, high };
	}

	/** The stretch from `low` to `high` as it is now. */
	range(chat: string, low: number, high: number): Promise<Message[]> {
		return this.#between(chat, low, high).toArray();
	}

	#between(chat: string, low: number, high: number) {
		return this.db.messages.where('[chat+seq]').between([chat, low], [chat, high], true, true);
	}

	#serially<T>(work: () => Promise<T>): Promise<T> {
		const next = this.#last.then(work, work);
		this.#last = next.catch(() => undefined);
		return next;
	}

	async #load(batch: Batch, want: Wanted): Promise<void> {
		const { db } = this;
		const chats = [...want.chats];
		const members = [...want.members];
		const messages = [...want.messages];
		const outbox = [...want.outbox];
		const contacts = [...want.contacts];
		if (chats.length) {
			const [rows, spans, unheard] = await Promise.all([
				db.chats.bulkGet(chats), db.spans.bulkGet(chats), db.unheard.bulkGet(chats)
			]);
			shelve(batch.chats, chats, rows);
			shelve(batch.spans, chats, spans.map((row) => row?.spans));
			shelve(batch.unheard, chats, unheard);
		}
		if (members.length) shelve(batch.members, members, (await db.members.bulkGet(members)).map((row) => row?.members));
		if (messages.length) shelve(batch.messages, messages, await db.messages.bulkGet(messages.map(splitMessageKey)));
		if (outbox.length) shelve(batch.outbox, outbox, await db.outbox.bulkGet(outbox));
		if (contacts.length) shelve(batch.contacts, contacts, await db.contacts.bulkGet(contacts));
	}

	/** The newest message of a chat is gone: the one before it takes its place, if it is known for sure. */
	async #findHeads(batch: Batch): Promise<void> {
		for (const chat of batch.headless) {
			const row = batch.chats.get(chat);
			const span = row && spanHolding(batch.spans.get(chat) ?? [], row.last_seq);
			if (!row || !span) continue;
			const gone = new Set(batch.messages.removedKeys);
			const low = Math.max(span[0], row.cleared_to + 1, row.history_from);
			const head = await this.#between(chat, low, row.last_seq)
				.reverse()
				.filter(({ seq }) => !gone.has(messageKey(chat, seq)))
				.first();
			if (!head && low > Math.max(row.cleared_to + 1, row.history_from)) batch.stale.add(chat);
			batch.chats.put(chat, { ...row, last_message: head ?? null });
		}
	}

	async #write(batch: Batch): Promise<void> {
		const { db } = this;
		for (const [chat, seq] of batch.cleared) await this.#between(chat, 0, seq).delete();
		await Promise.all([
			write(db.chats, batch.chats),
			write(db.messages, batch.messages, splitMessageKey),
			write(db.people, batch.people),
			write(db.contacts, batch.contacts),
			write(db.requests, batch.requests),
			write(db.blocked, batch.blocked),
			write(db.joins, batch.joins),
			write(db.outbox, batch.outbox),
			write(db.unheard, batch.unheard),
			...batch.members.putKeys.map((chat) => db.members.put({ chat, members: batch.members.get(chat) ?? [] })),
			...batch.spans.putKeys.map((chat) => db.spans.put({ chat, spans: batch.spans.get(chat) ?? [] }))
		]);
		if (batch.outbox.removedKeys.length) await db.files.where('nonce').anyOf(batch.outbox.removedKeys).delete();
		if (batch.files.length) await db.files.bulkPut(batch.files);
		if (batch.cursor === undefined && batch.whole === undefined) return;
		const { cursor, whole } = await this.meta();
		const meta: Meta = { cursor: batch.cursor ?? cursor, whole: batch.whole ?? whole };
		await db.meta.put({ key: 'sync', value: meta });
	}
}

function shelve<V>(shelf: Shelf<V>, keys: readonly string[], rows: readonly (V | undefined)[]): void {
	keys.forEach((key, i) => shelf.load(key, rows[i]));
}

async function write<V, K>(table: Table<V, K>, shelf: Shelf<V>, keyOf = (key: string): K => key as K): Promise<void> {
	const rows = shelf.putKeys.flatMap((key) => shelf.get(key) ?? []);
	if (rows.length) await table.bulkPut(rows);
	if (shelf.removedKeys.length) await table.bulkDelete(shelf.removedKeys.map(keyOf));
}

function touched<V>(shelf: Shelf<V>): boolean {
	return shelf.putKeys.length + shelf.removedKeys.length > 0;
}

function noticeOf(batch: Batch): Notice | undefined {
	const notice: Notice = {
		chats: [...batch.chats.putKeys, ...batch.chats.removedKeys],
		members: batch.members.putKeys,
		messages: batch.messages.putKeys,
		gone: batch.messages.removedKeys,
		cleared: [...batch.cleared],
		people: batch.people.putKeys,
		lists: [batch.contacts, batch.requests, batch.blocked, batch.joins].some((shelf) => touched<unknown>(shelf as Shelf<unknown>)),
		outbox: touched(batch.outbox)
	};
	const size =
		notice.chats.length + notice.members.length + notice.messages.length + notice.gone.length + notice.cleared.length +
		notice.people.length;
	return size || notice.lists || notice.outbox ? notice : undefined;
}

