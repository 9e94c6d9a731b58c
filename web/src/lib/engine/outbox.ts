/**
 * One's own messages on their way: kept in the local store from the moment they are written until the house has them,
 * sent in their order within each chat, by one tab at a time.
 */

import { Failure } from '$lib/api';
import type { MediaDraft, SendOptions } from './contract';
import type { Connection } from './connection';
import type { FileRow, OutboxItem } from './database';
import { fileKey, keptDraft, type KeptDraft, localId, shownContent, toldOf } from './drafts';
import { alone } from './locks';
import type { LocalFiles } from './localFiles.svelte';
import { newNonce } from './nonce';
import type { Preparing } from './preparing';
import type { Event } from './protocol';
import type { Store } from './store';
import type { AnyContent, Message, NewContent } from './types';

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** Refusals that pass by themselves. */
const PASSING = new Set(['offline', 'rate_limited', 'unavailable']);
const EXCERPT_CHARS = 120;

export class Outbox {
	#flushing = false;
	#again = false;
	#failures = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;
	readonly #unkept = new Map<string, { item: OutboxItem; files: FileRow[] }>();

	constructor(
		private readonly store: Store,
		private readonly connection: Connection,
		private readonly local: LocalFiles,
		private readonly preparing: () => Preparing,
		/** Called with what the store had no room for: it is shown as failed, and lost with the tab. */
		private readonly unkept: (items: OutboxItem[]) => void
	) {}

	stop(): void {
		clearTimeout(this.#timer);
	}

	async send(chat: string, content: NewContent, options: SendOptions, replied: Message | undefined): Promise<void> {
		const shown = options.shown ?? toldOf(content);
		if (!shown) throw new Error(`Say what is shown of a ${content.kind} until it is sent`);
		const item: OutboxItem = { nonce: newNonce(), chat, at: Date.now(), content: shown, send: content };
		await this.#reply(item, options, replied);
		await this.#keep([item]);
	}

	async sendMedia(chat: string, given: MediaDraft, options: SendOptions, replied: Message | undefined): Promise<void> {
		const nonce = newNonce();
		const draft = keptDraft(given);
		const item: OutboxItem = { nonce, chat, at: Date.now(), content: shownContent(nonce, draft), draft };
		const files = given.pieces.flatMap(({ file, moment }, at) => [
			{ key: fileKey(nonce, at, 0), nonce, blob: file },
			...(moment ? [{ key: fileKey(nonce, at, 1), nonce, blob: moment }] : [])
		]);
		given.pieces.forEach(({ file, moment }, at) => this.local.show(item, at, [file, moment]));
		await this.#reply(item, options, replied);
		await this.#keep([item], files);
	}

	async #reply(item: OutboxItem, { reply, excerpt }: SendOptions, replied: Message | undefined): Promise<void> {
		if (!reply) return;
		replied ??= await this.store.db.messages.get([item.chat, reply]);
		item.reply = { seq: reply, sender: replied?.sender ?? '', excerpt: excerpt ?? excerptOf(replied) };
	}

	async forward(messages: readonly Message[], to: readonly string[], nameOf: (id: string) => string): Promise<void> {
		const items = to.flatMap((chat) =>
			messages.map((message): OutboxItem => ({
				nonce: newNonce(),
				chat,
				at: Date.now(),
				content: message.content,
				forward: {
					from: { chat: message.chat, seq: message.seq },
					shown: message.forward ?? { sender: message.sender, name: nameOf(message.sender), at: message.at }
				}
			}))
		);
		await this.#keep(items);
	}

	async retry(nonce: string): Promise<void> {
		const unkept = this.#unkept.get(nonce);
		if (unkept) return this.#keep([unkept.item], unkept.files);
		await this.store.commit({ outbox: new Set([nonce]) }, (batch) => {
			const item = batch.outbox.get(nonce);
			if (!item) return;
			const { failed: _failed, ...waiting } = item;
			batch.outbox.put(nonce, { ...waiting, draft: waiting.draft && anew(waiting.draft) });
		});
		void this.preparing().start();
		this.flush();
	}

	async discard(nonce: string): Promise<void> {
		this.#unkept.delete(nonce);
		const item = await this.store.db.outbox.get(nonce);
		this.preparing().cancel(nonce);
		await this.store.commit({}, (batch) => batch.outbox.remove(nonce));
		for (const [at, { media }] of item?.draft?.pieces.entries() ?? []) {
			this.local.dropped(localId(nonce, at));
			// If the house cannot be told now, it finds out by itself that nobody sent it.
			if (media) void this.connection.command('media.discard', { media }).catch(() => undefined);
		}
	}

	/** Send what waits; called whenever something was written or the house can be reached again. */
	flush(): void {
		clearTimeout(this.#timer);
		this.#again = true;
		if (!this.#flushing) void this.#flush();
	}

	async #keep(items: OutboxItem[], files: FileRow[] = []): Promise<void> {
		try {
			await this.store.commit({}, (batch) => {
				for (const item of items) batch.outbox.put(item.nonce, item);
				batch.files.push(...files);
			});
		} catch (error) {
			console.error(error);
			for (const item of items) this.#unkept.set(item.nonce, { item, files });
			this.unkept(items);
			return;
		}
		for (const item of items) this.#unkept.delete(item.nonce);
		if (files.length) void this.preparing().start();
		this.flush();
	}

	async #flush(): Promise<void> {
		this.#flushing = true;
		try {
			await alone(`teahouse-outbox-${this.store.person}`, async () => {
				while (this.#again) {
					this.#again = false;
					await this.#sendAll();
				}
			});
		} finally {
			this.#flushing = false;
		}
	}

	async #sendAll(): Promise<void> {
		const items = await this.store.db.outbox.orderBy('nonce').toArray();
		const byChat = new Map<string, OutboxItem[]>();
		for (const item of items) {
			if (item.failed || (item.draft && !item.draft.ready)) continue;
			const queue = byChat.get(item.chat);
			if (queue) queue.push(item);
			else byChat.set(item.chat, [item]);
		}
		const waits = await Promise.all([...byChat.values()].map((queue) => this.#sendInOrder(queue)));
		const wait = Math.max(0, ...waits);
		if (wait) this.#timer = setTimeout(() => this.flush(), wait);
	}

	/** Returns after how many ms to try the rest again; 0 when there is none, or a new connection will bring it on. */
	async #sendInOrder(queue: readonly OutboxItem[]): Promise<number> {
		for (const item of queue) {
			// It may have been discarded, or told as sent, while those before it were on their way.
			if (!(await this.store.db.outbox.get(item.nonce))) continue;
			try {
				await this.connection.command('message.send', commandOf(item), (ack) => this.#asEvent(item, ack));
				this.#failures = 0;
			} catch (error) {
				if (!(error instanceof Failure)) throw error;
				if (!PASSING.has(error.code)) {
					await this.#fail(item.nonce, error.code);
					continue;
				}
				const backoff = Math.min(RETRY_FIRST_MS * 2 ** this.#failures++, RETRY_MAX_MS);
				return Math.max(Number(error.fields.retry_after_ms ?? 0), backoff * (0.5 + Math.random()));
			}
		}
		return 0;
	}

	#fail(nonce: string, code: string): Promise<unknown> {
		return this.store.commit({ outbox: new Set([nonce]) }, (batch) => {
			const item = batch.outbox.get(nonce);
			if (item) batch.outbox.put(nonce, { ...item, failed: code });
		});
	}

	/** The sender's own connection is not told of the message: its acknowledgement says where it stands. */
	#asEvent(item: OutboxItem, ack: Record<string, unknown>): Event {
		return {
			type: 'message.new',
			chat: item.chat,
			seq: Number(ack.seq),
			at: Number(ack.at),
			sender: this.store.person,
			nonce: item.nonce,
			content: (ack.content as AnyContent | undefined) ?? item.content,
			...(item.reply && { reply: item.reply }),
			...(item.forward && { forward: item.forward.shown })
		};
	}
}

function commandOf(item: OutboxItem): Record<string, unknown> {
	const { chat, nonce } = item;
	const what = item.forward ? { forward: item.forward.from } : { content: item.send ?? item.content };
	return { chat, nonce, ...what, ...(item.reply && { reply: item.reply.seq }) };
}

function excerptOf(replied: Message | undefined): string {
	const content = replied?.content;
	return content?.kind === 'text' ? content.text.slice(0, EXCERPT_CHARS) : '';
}

/** What the house refused is made anew; what went up is there still, or goes up again when it is not. */
function anew(draft: KeptDraft): KeptDraft {
	const pieces = draft.pieces.map(({ media: _media, ...piece }) => ({ ...piece, uploads: [] }));
	return { ...draft, pieces, attempt: draft.attempt + 1, ready: false };
}
