/** What events do to the local store. Pure: rows in, rows out; told twice, or beside a newer read, they do no harm. */

import { Batch, messageKey, wanted, type Wanted } from './batch';
import type { ChatRow } from './database';
import type { Event } from './protocol';
import { addSpan } from './ranges';
import type { Chat, Member, Message, Person } from './types';

/** The server counts unread messages to this many. */
const UNREAD_MAX = 1000;

/** What has to be loaded before `reduce` may look at these events. */
export function wantedBy(events: readonly Event[]): Wanted {
	const want = wanted();
	for (const event of events) {
		switch (event.type) {
			case 'message.new':
				want.chats.add(event.chat);
				want.messages.add(messageKey(event.chat, event.seq));
				if (event.nonce) want.outbox.add(event.nonce);
				break;
			case 'message.changed':
				want.chats.add(event.message.chat);
				want.messages.add(messageKey(event.message.chat, event.message.seq));
				break;
			case 'message.reactions':
			case 'message.poll':
			case 'poll.chosen':
			case 'message.played':
				want.chats.add(event.chat);
				want.messages.add(messageKey(event.chat, event.seq));
				break;
			case 'chat.opened':
				want.chats.add(event.chat.id);
				want.members.add(event.chat.id);
				break;
			case 'receipt.changed':
				want.members.add(event.chat);
				break;
			case 'members.changed':
				want.chats.add(event.chat);
				want.members.add(event.chat);
				break;
			case 'block.changed':
				want.contacts.add(event.person.id);
				break;
			default:
				if ('chat' in event && typeof event.chat === 'string') want.chats.add(event.chat);
		}
	}
	return want;
}

export function reduce(batch: Batch, events: readonly Event[], me: string): void {
	for (const event of events) reduceOne(batch, event, me);
}

function reduceOne(batch: Batch, event: Event, me: string): void {
	switch (event.type) {
		case 'message.new': {
			const { type: _type, cursor: _cursor, ...message } = event;
			return messageNew(batch, message, me);
		}
		case 'message.changed':
			return messageChanged(batch, event.message, me);
		case 'message.reactions':
			return changeMessage(batch, event, { reactions: event.reactions });
		case 'message.poll':
			return changeMessage(batch, event, { poll: event.poll });
		case 'poll.chosen':
			return changeMessage(batch, event, { chosen: event.options });
		case 'message.played':
			return changeMessage(batch, event, { played: true });
		case 'message.deleted':
			return messagesDeleted(batch, event.chat, event.seqs);
		case 'receipt.changed':
			return changeMembers(batch, event.chat, [event.person], (member) => ({
				...member,
				delivered_seq: Math.max(member.delivered_seq ?? 0, event.delivered ?? 0, event.read ?? 0),
				read_seq: Math.max(member.read_seq ?? 0, event.read ?? 0)
			}));
		case 'chat.read':
			return changeChat(batch, event.chat, (row) => {
				// One may have read further on this device than the house has heard.
				if (event.read_seq < row.read_seq) return row;
				// Another tab was faster, and what came after this event is counted already: only the house knows now.
				if (event.read_seq === row.read_seq && event.unread < row.unread) {
					batch.stale.add(event.chat);
					return row;
				}
				return { ...row, read_seq: event.read_seq, unread: event.unread, mentioned: event.mentioned ?? 0 };
			});
		case 'typing':
			batch.typing.push({ chat: event.chat, person: event.person, on: true });
			return;
		case 'chat.opened':
			putPeople(batch, event.people);
			return putChat(batch, event.chat);
		case 'chat.updated': {
			const { type: _type, cursor: _cursor, chat, ...fields } = event;
			return changeChat(batch, chat, (row) => ({ ...row, ...fields }));
		}
		case 'members.changed': {
			putPeople(batch, event.people);
			const gone = new Set(event.removed);
			const changed = new Map((event.members ?? []).map((member) => [member.person, member]));
			const kept = (batch.members.get(event.chat) ?? []).filter(({ person }) => !gone.has(person) && !changed.has(person));
			batch.members.put(event.chat, [...kept, ...changed.values()]);
			return changeChat(batch, event.chat, (row) => ({ ...row, member_count: event.member_count }));
		}
		case 'chat.preferred': {
			const { type: _type, cursor: _cursor, chat, ...fields } = event;
			clearTo(batch, chat, fields.cleared_to);
			return changeChat(batch, chat, (row) => ({ ...row, ...fields }));
		}
		case 'draft.changed':
			// What is being typed here is newer than what another device kept.
			if (batch.unheard.get(event.chat)?.draft) return;
			return changeChat(batch, event.chat, (row) => ({ ...row, draft: event.draft ?? null }));
		case 'chat.left':
			return changeChat(batch, event.chat, (row) => ({ ...row, left: true }));
		case 'join.requested':
			putPeople(batch, [event.request.person]);
			batch.joins.put(event.request.id, event.request);
			return;
		case 'join.closed':
			batch.joins.remove(event.request);
			return;
		case 'profile.changed':
			return putPeople(batch, [event.person]);
		case 'contact.changed':
			putPeople(batch, [event.contact.person]);
			batch.contacts.put(event.contact.person.id, event.contact);
			return;
		case 'contact.removed':
			batch.contacts.remove(event.person);
			return;
		case 'contact.requested':
			putPeople(batch, [event.request.sender, event.request.receiver]);
			batch.requests.put(event.request.id, event.request);
			return;
		case 'contact.request_closed':
			batch.requests.remove(event.request);
			return;
		case 'block.changed': {
			putPeople(batch, [event.person]);
			const contact = batch.contacts.get(event.person.id);
			if (contact) batch.contacts.put(event.person.id, { ...contact, blocked: event.blocked });
			if (event.blocked) batch.blocked.put(event.person.id, event.person);
			else batch.blocked.remove(event.person.id);
			return;
		}
	}
}

/** Is it one of those that are counted as unread? */
export function counts(message: Message, me: string): boolean {
	const { kind } = message.content;
	return message.sender !== me && message.sender !== '' && kind !== 'system' && kind !== 'recalled';
}

export function mentions(message: Message, me: string): boolean {
	const { content } = message;
	return content.kind === 'text' && (content.mention_all === true || content.mentions?.includes(me) === true);
}

function messageNew(batch: Batch, message: Message, me: string): void {
	const { chat, seq } = message;
	const key = messageKey(chat, seq);
	const known = batch.messages.get(key);
	if (!known || isAsNew(message, known)) batch.messages.put(key, withOwn(message, known));
	batch.spans.put(chat, addSpan(batch.spans.get(chat) ?? [], [seq, seq]));
	if (message.sender === me && message.nonce) batch.outbox.remove(message.nonce);
	else batch.typing.push({ chat, person: message.sender, on: false });

	// Who is passed on may be a stranger: only the card says who they are.
	if (message.content.kind === 'contact') putPeople(batch, [message.content.person]);

	const row = batch.chats.get(chat);
	if (!row) return void batch.stale.add(chat);
	if (seq <= row.last_seq) return;
	// Seqs have no gaps: something between was not told to this device.
	if (seq > row.last_seq + 1) batch.stale.add(chat);
	const isUnread = counts(message, me) && seq > row.read_seq;
	if (message.sender !== me) batch.arrived.set(chat, seq);
	batch.chats.put(chat, {
		...row,
		last_seq: seq,
		last_message: message,
		unread: isUnread ? Math.min(row.unread + 1, UNREAD_MAX) : row.unread,
		mentioned: row.mentioned === 0 && isUnread && mentions(message, me) ? seq : row.mentioned
	});
}

/** A first telling is bare, one in a `sync` is as the message is now: only the bare one can be older than what is known. */
function isAsNew(message: Message, known: Message): boolean {
	const changes = ({ edited_at, reactions, poll, content }: Message) =>
		(edited_at ?? 0) > 0 ||
		(reactions?.length ?? 0) > 0 ||
		(poll?.voters ?? 0) > 0 ||
		content.kind === 'recalled' ||
		// Of money: it was taken, in part or whole, or went back. A new card says neither.
		'state' in content ||
		'opened' in content;
	return changes(message) || !changes(known);
}

function changeMessage(batch: Batch, { chat, seq }: { chat: string; seq: number }, fields: Partial<Message>): void {
	const key = messageKey(chat, seq);
	const known = batch.messages.get(key);
	if (known) batch.messages.put(key, { ...known, ...fields });
}

/** What one did with a message oneself is told apart from it, and stays. */
export function withOwn(message: Message, known: Message | undefined): Message {
	if (!known || (known.chosen === undefined && !known.played)) return message;
	return { chosen: known.chosen, played: known.played, ...message };
}

function messageChanged(batch: Batch, message: Message, me: string): void {
	const { chat, seq } = message;
	const key = messageKey(chat, seq);
	const known = batch.messages.get(key);
	batch.messages.put(key, withOwn(message, known));
	const row = batch.chats.get(chat);
	if (!row) return;
	const wasRecalled = message.content.kind === 'recalled' && known?.content.kind !== 'recalled';
	const wasUnread = wasRecalled && seq > row.read_seq;
	if (wasUnread && (!known || row.mentioned === seq)) batch.stale.add(chat);
	batch.chats.put(chat, {
		...row,
		last_message: row.last_message?.seq === seq ? message : row.last_message,
		unread: wasUnread && known && counts(known, me) ? Math.max(row.unread - 1, 0) : row.unread
	});
}

function messagesDeleted(batch: Batch, chat: string, seqs: readonly number[]): void {
	for (const seq of seqs) batch.messages.remove(messageKey(chat, seq));
	const row = batch.chats.get(chat);
	if (!row) return;
	if (row.last_message && seqs.includes(row.last_message.seq)) batch.headless.add(chat);
}

function clearTo(batch: Batch, chat: string, seq: number): void {
	const row = batch.chats.get(chat);
	if (!row || seq <= row.cleared_to) return;
	batch.cleared.set(chat, seq);
	batch.chats.put(chat, {
		...row,
		cleared_to: seq,
		last_message: row.last_message && row.last_message.seq > seq ? row.last_message : null,
		unread: seq >= row.last_seq ? 0 : row.unread,
		mentioned: row.mentioned > seq ? row.mentioned : 0
	});
}

function changeChat(batch: Batch, chat: string, change: (row: ChatRow) => ChatRow): void {
	const row = batch.chats.get(chat);
	if (!row) return void batch.stale.add(chat);
	batch.chats.put(chat, change(row));
}

function changeMembers(batch: Batch, chat: string, people: readonly string[], change: (member: Member) => Member): void {
	const members = batch.members.get(chat);
	if (!members?.some(({ person }) => people.includes(person))) return;
	batch.members.put(chat, members.map((member) => (people.includes(member.person) ? change(member) : member)));
}

export function putPeople(batch: Batch, people: readonly Person[] = []): void {
	for (const person of people) batch.people.put(person.id, person);
}

/** A chat as the server shows it, put beside what is known here and may be newer. */
export function putChat(batch: Batch, chat: Chat): void {
	const { members, people, last_played, last_chosen, ...rest } = chat;
	// What one did with the last message lies beside the message, wherever it was read.
	const own = { ...(last_played && { played: true }), ...(last_chosen?.length && { chosen: last_chosen }) };
	const given = { ...rest, last_message: rest.last_message ? { ...rest.last_message, ...own } : null };
	putPeople(batch, people);
	const row: ChatRow = {
		name: '', picture: '', topic: '', announcement_only: false, join_approval: false, history_from: 1, read_seq: 0,
		unread: 0, mentioned: 0, pinned_at: 0, muted: false, archived: false, cleared_to: 0, draft: null,
		left: false, ...given
	};
	const known = batch.chats.get(chat.id);
	if (known && known.last_seq > row.last_seq) {
		// Read before a message that was told meanwhile: what is unread has to be asked again.
		batch.stale.add(chat.id);
		Object.assign(row, { last_seq: known.last_seq, last_message: known.last_message });
		Object.assign(row, { unread: known.unread, mentioned: known.mentioned });
	}
	if (known && known.read_seq > row.read_seq) {
		Object.assign(row, { read_seq: known.read_seq, unread: known.unread, mentioned: known.mentioned });
	}
	if (known && batch.unheard.get(chat.id)?.draft) row.draft = known.draft;
	if (row.cleared_to > (known?.cleared_to ?? 0)) batch.cleared.set(chat.id, row.cleared_to);
	batch.chats.put(chat.id, row);
	batch.members.put(chat.id, mergeMembers(batch.members.get(chat.id) ?? [], members, chat));
	if (given.last_message) {
		const { seq } = given.last_message;
		const key = messageKey(chat.id, seq);
		batch.messages.put(key, withOwn(given.last_message, batch.messages.get(key)));
		batch.spans.put(chat.id, addSpan(batch.spans.get(chat.id) ?? [], [seq, seq]));
	}
}

/** A list of chats may name only some members of a large group: those known before stay. */
function mergeMembers(known: readonly Member[], given: readonly Member[], chat: Chat): Member[] {
	if (given.length >= chat.member_count || known.length === 0) return [...given];
	const named = new Set(given.map(({ person }) => person));
	const rest = known.filter(({ person }) => !named.has(person));
	return given.length + rest.length > chat.member_count ? [...given] : [...given, ...rest];
}
