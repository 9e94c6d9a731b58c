/** The local store: one IndexedDB database per person, so that the app opens at once, network or not. */

import { Dexie, type Table } from 'dexie';
import type { Span } from './ranges';
import type { KeptDraft } from './drafts';
import type {
	AnyContent,
	Chat,
	Contact,
	ContactRequest,
	Forward,
	JoinRequest,
	Member,
	Message,
	NewContent,
	Person,
	Reply
} from './types';

/** A chat without its members and people: those of a large group would be rewritten with every message. */
export type ChatRow = Omit<Required<Chat>, 'members' | 'people' | 'last_played' | 'last_chosen'>;

export interface MembersRow {
	chat: string;
	members: Member[];
}

export interface SpansRow {
	chat: string;
	spans: Span[];
}

/** A send that the house has not acknowledged. */
export interface OutboxItem {
	nonce: string;
	chat: string;
	at: number;
	/** What is shown until the house answers. */
	content: AnyContent;
	/** What is sent, unless it is a forward; of a draft once it is ready. */
	send?: NewContent;
	/** A message of files, on its way to be ready. */
	draft?: KeptDraft;
	reply?: Reply;
	forward?: { from: { chat: string; seq: number }; shown: Forward };
	/** The code of a refusal that is final. */
	failed?: string;
}

/** A file of a draft: written once, and gone with it. */
export interface FileRow {
	key: string;
	nonce: string;
	blob: Blob;
}

/** What one did in a chat that the house has not heard of. */
export interface UnheardRow {
	chat: string;
	read?: number;
	draft?: { text: string; reply?: number };
}

interface MetaRow {
	key: string;
	value: unknown;
}

export class Database extends Dexie {
	declare readonly chats: Table<ChatRow, string>;
	declare readonly members: Table<MembersRow, string>;
	declare readonly messages: Table<Message, [string, number]>;
	declare readonly spans: Table<SpansRow, string>;
	declare readonly people: Table<Person, string>;
	declare readonly contacts: Table<Contact, string>;
	declare readonly requests: Table<ContactRequest, string>;
	declare readonly blocked: Table<Person, string>;
	declare readonly joins: Table<JoinRequest, string>;
	declare readonly outbox: Table<OutboxItem, string>;
	declare readonly files: Table<FileRow, string>;
	declare readonly unheard: Table<UnheardRow, string>;
	declare readonly meta: Table<MetaRow, string>;

	constructor(person: string) {
		super(databaseName(person));
		this.version(1).stores({
			chats: 'id',
			members: 'chat',
			messages: '[chat+seq]',
			spans: 'chat',
			people: 'id',
			contacts: 'person.id',
			requests: 'id',
			blocked: 'id',
			joins: 'id',
			outbox: 'nonce',
			unheard: 'chat',
			meta: 'key'
		});
		this.version(2).stores({ files: 'key, nonce' });
	}
}

export function databaseName(person: string): string {
	return `teahouse-${person}`;
}
