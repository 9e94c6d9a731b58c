/** A chat's past: from the local store where it is whole, else from the house, which fills the store. */

import { request } from '$lib/api';
import { messageKey, type Batch } from './batch';
import { addSpan, type Page, type Span } from './ranges';
import { putPeople } from './reduce';
import type { Store } from './store';
import type { Message, Person } from './types';

export const PAGE_SIZE = 60;
/** A local stretch of deleted messages is stepped over at most this often in one read. */
const STEPS_MAX = 20;

interface MessagePage {
	messages: Message[];
	people: Person[];
	played?: number[];
	chosen?: { seq: number; options: number[] }[];
}

export async function readOlder(store: Store, chat: string, before: number, floor: number): Promise<Page<Message>> {
	let at = before;
	for (let step = 0; step < STEPS_MAX; step++) {
		const page = await store.older(chat, at, floor, PAGE_SIZE);
		if (!page) break;
		if (page.messages.length || page.low <= floor) return { ...page, high: before - 1 };
		at = page.low;
	}
	const { messages, people } = await ask(chat, `before=${at}&limit=${PAGE_SIZE}`);
	const low = messages.length < PAGE_SIZE ? floor : (messages[0]?.seq ?? floor);
	await keep(store, chat, messages, people, [low, at - 1]);
	return { messages, low, high: before - 1 };
}

export async function readNewer(store: Store, chat: string, after: number, last: number): Promise<Page<Message>> {
	const page = await store.newer(chat, after, PAGE_SIZE);
	if (page && (page.messages.length || page.high >= last)) return page;
	const from = page ? page.high : after;
	const { messages, people } = await ask(chat, `after=${from}&limit=${PAGE_SIZE}`);
	const newest = messages.at(-1)?.seq ?? from;
	const high = messages.length < PAGE_SIZE ? Math.max(last, newest) : newest;
	await keep(store, chat, messages, people, [from + 1, high]);
	return { messages, low: after + 1, high };
}

/** Half a page on each side of a seq. */
export async function readAround(store: Store, chat: string, seq: number, floor: number): Promise<Page<Message>> {
	const half = PAGE_SIZE / 2;
	const older = await store.older(chat, seq + 1, floor, half);
	if (older?.messages.at(-1)?.seq === seq && (older.messages.length === half || older.low <= floor)) {
		const newer = await store.newer(chat, seq, half);
		if (!newer) return older;
		return { messages: [...older.messages, ...newer.messages], low: older.low, high: newer.high };
	}
	const { messages, people } = await ask(chat, `around=${seq}&limit=${PAGE_SIZE}`);
	const low = messages[0]?.seq ?? seq;
	const high = messages.at(-1)?.seq ?? seq;
	await keep(store, chat, messages, people, [low, high]);
	return { messages, low, high };
}

/** A page, with what one did with its messages put beside them. */
async function ask(chat: string, query: string): Promise<MessagePage> {
	const page = await request<MessagePage>('GET', `/chats/${chat}/messages?${query}`);
	const played = new Set(page.played);
	const chosen = new Map(page.chosen?.map(({ seq, options }) => [seq, options]));
	for (const message of page.messages) {
		if (played.has(message.seq)) message.played = true;
		if (chosen.has(message.seq)) message.chosen = chosen.get(message.seq);
	}
	return page;
}

async function keep(store: Store, chat: string, messages: Message[], people: Person[], span: Span): Promise<void> {
	const keys = messages.map(({ seq }) => messageKey(chat, seq));
	await store.commit({ chats: new Set([chat]), messages: new Set(keys) }, (batch: Batch) => {
		putPeople(batch, people);
		messages.forEach((message, i) => {
			const key = keys[i] ?? '';
			const known = batch.messages.get(key);
			// An edit that was told while the page was on its way is newer than the page.
			if ((known?.edited_at ?? 0) > (message.edited_at ?? 0) || known?.content.kind === 'recalled') return;
			batch.messages.put(key, message);
		});
		batch.spans.put(chat, addSpan(batch.spans.get(chat) ?? [], span));
	});
}
