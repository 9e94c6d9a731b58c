/** Reading chats and contacts whole: on a new device, and where this device was not told all. */

import { Failure, request } from '$lib/api';
import { putChat, putPeople } from './reduce';
import type { House } from './house.svelte';
import type { Store } from './store';
import type { Chat, Contact, ContactRequest, Person } from './types';

const WAIT_MS = 300;
/** More chats than this are read with one request. */
const ONE_BY_ONE_MAX = 10;

interface ChatList {
	chats: Chat[];
	people: Person[];
}

interface Contacts {
	contacts: Contact[];
	requests: ContactRequest[];
	blocked: Person[];
}

export class Refresh {
	readonly #stale = new Set<string>();
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(
		private readonly store: Store,
		private readonly house: House
	) {}

	stop(): void {
		clearTimeout(this.#timer);
		this.#stale.clear();
	}

	/** Read these chats again soon. */
	add(chats: Iterable<string>): void {
		for (const chat of chats) this.#stale.add(chat);
		if (this.#stale.size) this.flush();
	}

	flush(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.#flush(), WAIT_MS);
	}

	/** All chats and contacts, as the house has them now. */
	async all(): Promise<void> {
		const before = [...this.house.chats.keys()];
		const [list, book] = await Promise.all([
			request<ChatList>('GET', '/chats'),
			request<Contacts>('GET', '/contacts')
		]);
		const chats = new Set([...before, ...list.chats.map(({ id }) => id)]);
		await this.store.commit({ chats, members: chats }, (batch) => {
			putPeople(batch, list.people);
			const listed = new Set(list.chats.map(({ id }) => id));
			for (const id of before) if (!listed.has(id)) batch.chats.remove(id);
			for (const chat of list.chats) putChat(batch, chat);
			putPeople(batch, book.contacts.map(({ person }) => person));
			const known = { contacts: this.house.contacts, requests: this.house.requests, blocked: this.house.blocked };
			for (const id of known.contacts.keys()) batch.contacts.remove(id);
			for (const id of known.requests.keys()) batch.requests.remove(id);
			for (const id of known.blocked.keys()) batch.blocked.remove(id);
			for (const contact of book.contacts) batch.contacts.put(contact.person.id, contact);
			for (const asked of book.requests) batch.requests.put(asked.id, asked);
			for (const person of book.blocked) batch.blocked.put(person.id, person);
			batch.whole = true;
		});
	}

	/** One chat, with all members. */
	async chat(id: string): Promise<void> {
		this.#stale.delete(id);
		try {
			const chat = await request<Chat>('GET', `/chats/${id}`);
			const chats = new Set([id]);
			await this.store.commit({ chats, members: chats }, (batch) => putChat(batch, chat));
		} catch (error) {
			if (!(error instanceof Failure)) throw error;
			if (error.code !== 'not_found' && error.code !== 'forbidden') this.#stale.add(id);
		}
	}

	async #flush(): Promise<void> {
		// What is missing comes with the answer to `sync`; what is left after it is read then.
		if (this.house.status !== 'online' || !this.#stale.size) return;
		const stale = [...this.#stale];
		if (stale.length <= ONE_BY_ONE_MAX) {
			for (const chat of stale) await this.chat(chat);
			return;
		}
		try {
			await this.all();
			this.#stale.clear();
		} catch (error) {
			if (!(error instanceof Failure)) throw error;
		}
	}
}
