/** What one read, received, typed or left unsent, told to the house in batches and again until it has heard. */

import { Failure } from '$lib/api';
import type { Connection } from './connection';
import type { Store } from './store';

const RECEIPTS_EVERY_MS = 300;
/** A draft is kept here at once when one leaves the page, else after a short rest, and told after a longer one. */
const DRAFT_KEPT_AFTER_MS = 200;
const DRAFT_TOLD_AFTER_MS = 600;
const TYPING_EVERY_MS = 3_000;

export class Unheard {
	readonly #delivered = new Map<string, number>();
	readonly #read = new Map<string, number>();
	readonly #typedAt = new Map<string, number>();
	readonly #drafts = new Map<string, ReturnType<typeof setTimeout>>();
	readonly #unkept = new Map<string, { text: string; reply?: number }>();
	#keeping: ReturnType<typeof setTimeout> | undefined;
	#receipts: ReturnType<typeof setTimeout> | undefined;

	constructor(
		private readonly store: Store,
		private readonly connection: Connection
	) {
		addEventListener('pagehide', this.#keepDrafts);
	}

	stop(): void {
		removeEventListener('pagehide', this.#keepDrafts);
		clearTimeout(this.#receipts);
		clearTimeout(this.#keeping);
		for (const timer of this.#drafts.values()) clearTimeout(timer);
	}

	delivered(chat: string, seq: number): void {
		raise(this.#delivered, chat, seq);
		this.#soon();
	}

	/** Kept in the store first: it is told even if the tab closes now. */
	read(chat: string, seq: number): void {
		raise(this.#read, chat, seq);
		this.#soon();
	}

	typing(chat: string): void {
		const now = Date.now();
		if (now - (this.#typedAt.get(chat) ?? 0) < TYPING_EVERY_MS) return;
		this.#typedAt.set(chat, now);
		// Nobody misses it when it is lost.
		this.connection.command('typing', { chat }).catch(() => undefined);
	}

	/** One sent what one was typing: the next typing is news again. */
	typed(chat: string): void {
		this.#typedAt.delete(chat);
	}

	draft(chat: string, text: string, reply?: number): void {
		this.#unkept.set(chat, { text, ...(reply && { reply }) });
		clearTimeout(this.#keeping);
		// Sending empties it: another device must not show the text once more.
		if (text) this.#keeping = setTimeout(this.#keepDrafts, DRAFT_KEPT_AFTER_MS);
		else this.#keepDrafts();
	}

	/** Tell what an earlier visit, or a time without network, left untold. */
	async flush(): Promise<void> {
		for (const { chat, read, draft } of await this.store.db.unheard.toArray()) {
			if (read) this.read(chat, read);
			if (draft && !this.#drafts.has(chat)) void this.#tellDraft(chat);
		}
	}

	#soon(): void {
		this.#receipts ??= setTimeout(() => {
			this.#receipts = undefined;
			this.#tellReceipts();
		}, RECEIPTS_EVERY_MS);
	}

	#tellReceipts(): void {
		const chats = new Set([...this.#delivered.keys(), ...this.#read.keys()]);
		for (const chat of chats) {
			const delivered = this.#delivered.get(chat);
			const read = this.#read.get(chat);
			const isNews = delivered && delivered > (read ?? 0);
			void this.#tellReceipt(chat, { ...(isNews && { delivered }), ...(read && { read }) });
		}
		this.#delivered.clear();
		this.#read.clear();
	}

	async #tellReceipt(chat: string, receipt: { delivered?: number; read?: number }): Promise<void> {
		if (!(await this.#tell('receipt', { chat, ...receipt }))) return;
		const { read = 0, delivered = read } = receipt;
		const chats = new Set([chat]);
		await this.store.commit({ chats, members: chats }, (batch) => {
			// The house does not tell one of one's own: kept here, so that it is not told again.
			const members = batch.members.get(chat)?.map((member) =>
				member.person === this.store.person ? { ...member, delivered_seq: Math.max(delivered, member.delivered_seq ?? 0) } : member
			);
			if (members) batch.members.put(chat, members);
			const row = batch.unheard.get(chat);
			if (!row?.read || row.read > read) return;
			const { read: _read, ...rest } = row;
			if (rest.draft) batch.unheard.put(chat, rest);
			else batch.unheard.remove(chat);
		});
	}

	readonly #keepDrafts = (): void => {
		const drafts = [...this.#unkept];
		this.#unkept.clear();
		if (drafts.length) void this.#keep(drafts);
	};

	async #keep(drafts: [string, { text: string; reply?: number }][]): Promise<void> {
		await this.store.commit({ chats: new Set(drafts.map(([chat]) => chat)) }, (batch) => {
			for (const [chat, draft] of drafts) {
				const row = batch.chats.get(chat);
				if (!row) continue;
				batch.chats.put(chat, { ...row, draft: draft.text || draft.reply ? { ...draft, at: Date.now() } : null });
				batch.unheard.put(chat, { ...batch.unheard.get(chat), chat, draft });
			}
		});
		for (const [chat] of drafts) {
			clearTimeout(this.#drafts.get(chat));
			this.#drafts.set(chat, setTimeout(() => void this.#tellDraft(chat), DRAFT_TOLD_AFTER_MS));
		}
	}

	async #tellDraft(chat: string): Promise<void> {
		this.#drafts.delete(chat);
		const told = (await this.store.db.unheard.get(chat))?.draft;
		if (!told || !(await this.#tell('draft.set', { chat, ...told }))) return;
		await this.store.commit({ chats: new Set([chat]) }, (batch) => {
			const row = batch.unheard.get(chat);
			if (!row?.draft || row.draft.text !== told.text || row.draft.reply !== told.reply) return;
			const { draft: _draft, ...rest } = row;
			if (rest.read) batch.unheard.put(chat, rest);
			else batch.unheard.remove(chat);
		});
	}

	/** Returns whether the house has heard it, be it only to refuse; what it has not heard is told on the next `flush`. */
	async #tell(type: string, fields: Record<string, unknown>): Promise<boolean> {
		try {
			await this.connection.command(type, fields);
			return true;
		} catch (error) {
			if (!(error instanceof Failure)) throw error;
			return !['offline', 'unavailable', 'rate_limited'].includes(error.code);
		}
	}
}

function raise(map: Map<string, number>, chat: string, seq: number): void {
	map.set(chat, Math.max(map.get(chat) ?? 0, seq));
}
