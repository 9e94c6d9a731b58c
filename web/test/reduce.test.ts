import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Batch, messageKey } from '../src/lib/engine/batch';
import { inOrder, mayRepeat, twinOf, type Event } from '../src/lib/engine/protocol';
import { putChat, reduce } from '../src/lib/engine/reduce';
import type { Chat, Message } from '../src/lib/engine/types';

const ANA = 'ana';
const BEN = 'ben';
const CHAT = 'chat';

/** The store, for as long as a test: one batch that sees what earlier events left. */
let store: Batch;

beforeEach(() => {
	store = new Batch();
	putChat(store, chat());
});

function chat(fields: Partial<Chat> = {}): Chat {
	return { id: CHAT, kind: 'direct', last_seq: 0, member_count: 2, members: [{ person: ANA }, { person: BEN }], ...fields };
}

function said(seq: number, sender: string, fields: Partial<Message> = {}): Event {
	return { type: 'message.new', chat: CHAT, seq, sender, at: 1000 + seq, content: { kind: 'text', text: `${seq}` }, ...fields };
}

function anaIsTold(...events: Event[]): void {
	reduce(store, events, ANA);
}

function row() {
	const found = store.chats.get(CHAT);
	assert.ok(found);
	return found;
}

test('messages of others are unread until they are read; one told twice counts once', () => {
	anaIsTold(said(1, BEN), said(2, ANA), said(3, BEN), said(3, BEN), said(1, BEN));
	assert.equal(row().unread, 2);
	assert.equal(row().last_seq, 3);
	assert.deepEqual(store.spans.get(CHAT), [[1, 3]]);
	anaIsTold({ type: 'chat.read', chat: CHAT, read_seq: 3, unread: 0 });
	assert.equal(row().unread, 0);
	anaIsTold({ type: 'chat.read', chat: CHAT, read_seq: 1, unread: 2 });
	assert.equal(row().unread, 0, 'an older reading, told late, takes nothing back');
});

test('what the house says of itself is not unread', () => {
	anaIsTold(said(1, '', { content: { kind: 'system', what: 'created' } }));
	assert.equal(row().unread, 0);
	assert.equal(row().last_message?.seq, 1);
});

test('the first unread mention is kept', () => {
	anaIsTold(said(1, BEN), said(2, BEN, { content: { kind: 'text', text: '@ana', mentions: [ANA] } }));
	anaIsTold(said(3, BEN, { content: { kind: 'text', text: '@all', mention_all: true } }));
	assert.equal(row().mentioned, 2);
});

test('a transfer that was accepted stays so when its first telling comes late', () => {
	const card = { kind: 'transfer', payment: 'p', amount: 1250, currency: 'EUR', to: ANA } as const;
	const message: Message = { chat: CHAT, seq: 1, sender: BEN, at: 1001, content: { ...card, state: 'accepted' } };
	anaIsTold(said(1, BEN, { content: card }), { type: 'message.changed', message }, said(1, BEN, { content: card }));
	assert.deepEqual(store.messages.get(messageKey(CHAT, 1))?.content, { ...card, state: 'accepted' });
});

test('a message that is recalled before it was read is unread no more', () => {
	anaIsTold(said(1, BEN), said(2, BEN));
	const message: Message = { chat: CHAT, seq: 2, sender: BEN, at: 1002, content: { kind: 'recalled', by: BEN } };
	anaIsTold({ type: 'message.changed', message }, { type: 'message.changed', message });
	assert.equal(row().unread, 1);
	assert.equal(row().last_message?.content.kind, 'recalled');
	anaIsTold(said(2, BEN));
	assert.equal(store.messages.get(messageKey(CHAT, 2))?.content.kind, 'recalled', 'its first telling does not bring it back');
});

test('a hole in the seqs leaves two spans and asks for the chat to be read again', () => {
	anaIsTold(said(1, BEN));
	assert.ok(!store.stale.has(CHAT));
	anaIsTold(said(4, BEN));
	assert.ok(store.stale.has(CHAT));
	assert.deepEqual(store.spans.get(CHAT), [[1, 1], [4, 4]]);
});

test('an own message that is told again leaves the outbox', () => {
	store.outbox.put('n1', { nonce: 'n1', chat: CHAT, at: 1, content: { kind: 'text', text: 'hello' } });
	anaIsTold(said(1, ANA, { nonce: 'n1' }));
	assert.equal(store.outbox.get('n1'), undefined);
	assert.deepEqual(store.outbox.removedKeys, ['n1']);
});

test('a list that was read before a message was told does not hide the message', () => {
	anaIsTold(said(1, BEN), said(2, BEN));
	putChat(store, chat({ last_seq: 1, unread: 1 }));
	assert.equal(row().last_seq, 2);
	assert.equal(row().unread, 2);
	assert.ok(store.stale.has(CHAT), 'it is read again');
});

test('a list that names some members of a large group keeps the others', () => {
	const all = Array.from({ length: 300 }, (_, i) => ({ person: `p${i}` }));
	putChat(store, chat({ id: 'big', kind: 'group', member_count: 300, members: all }));
	putChat(store, chat({ id: 'big', kind: 'group', member_count: 300, members: [{ person: 'p0', role: 'admin' }] }));
	assert.equal(store.members.get('big')?.length, 300);
	assert.equal(store.members.get('big')?.find(({ person }) => person === 'p0')?.role, 'admin');
});

test('receipts only go up', () => {
	anaIsTold({ type: 'receipt.changed', chat: CHAT, person: BEN, delivered: 5, read: 3 });
	anaIsTold({ type: 'receipt.changed', chat: CHAT, person: BEN, delivered: 4, read: 2 });
	const ben = store.members.get(CHAT)?.find(({ person }) => person === BEN);
	assert.deepEqual([ben?.delivered_seq, ben?.read_seq], [5, 3]);
});

test('what is cleared is gone, the newest of it too', () => {
	anaIsTold(said(1, BEN), said(2, BEN));
	anaIsTold({ type: 'chat.preferred', chat: CHAT, pinned_at: 0, muted: false, archived: false, cleared_to: 2 });
	assert.equal(store.cleared.get(CHAT), 2);
	assert.equal(row().last_message, null);
	assert.equal(row().unread, 0);
});

test('an event of a kind that is not known yet is passed over', () => {
	const before = row();
	anaIsTold({ type: 'tea.served', chat: CHAT } as unknown as Event);
	assert.equal(row(), before);
});

test('acknowledgements come first in a frame; messages are taken in the order of their seqs', () => {
	const typing: Event = { type: 'typing', chat: CHAT, person: BEN };
	const seqs = inOrder([said(2, ANA), typing, said(1, BEN), said(3, BEN)]).map((e) => (e.type === 'message.new' ? e.seq : e.type));
	assert.deepEqual(seqs, [1, 'typing', 2, 3]);
});

test('a live command finds its HTTP twin', () => {
	assert.deepEqual(twinOf('message.edit', { chat: 'c1', seq: 7, content: { kind: 'text', text: 'x' } }), {
		method: 'PATCH', path: '/chats/c1/messages/7', body: { content: { kind: 'text', text: 'x' } }
	});
	assert.deepEqual(twinOf('member.remove', { chat: 'c1', person: 'p1' }), {
		method: 'DELETE', path: '/chats/c1/members/p1', body: undefined
	});
	assert.throws(() => twinOf('tea.pour', {}));
	assert.ok(mayRepeat('message.send'));
	assert.ok(!mayRepeat('link.make'));
});

test('who is passed on is known from then on', () => {
	const cleo = { id: 'cleo', handle: 'cleo', name: 'Cleo' };
	anaIsTold(said(1, BEN, { content: { kind: 'contact', person: cleo } }));
	assert.deepEqual(store.people.get('cleo'), cleo);
});

test('votes are told beside what one chose oneself', () => {
	anaIsTold(
		said(1, BEN, { content: { kind: 'poll', question: 'Tea?', options: ['Yes', 'No'] } }),
		{ type: 'poll.chosen', chat: CHAT, seq: 1, options: [1] },
		{ type: 'message.poll', chat: CHAT, seq: 1, poll: { answers: [{}, { votes: 1 }], voters: 1 } }
	);
	const poll = store.messages.get(messageKey(CHAT, 1));
	assert.deepEqual([poll?.chosen, poll?.poll?.voters], [[1], 1]);
});

test('what one chose in a poll that ends a chat comes with the chat, and stays beside the poll', () => {
	const poll = { kind: 'poll' as const, question: 'Tea?', options: ['Yes', 'No'] };
	const last_message: Message = { chat: CHAT, seq: 3, sender: BEN, at: 1, content: poll };
	putChat(store, chat({ last_seq: 3, last_message, last_chosen: [1] }));
	assert.deepEqual(store.messages.get(messageKey(CHAT, 3))?.chosen, [1]);
	anaIsTold({ type: 'message.poll', chat: CHAT, seq: 3, poll: { answers: [{ votes: 0 }, { votes: 1 }], voters: 1 } });
	assert.deepEqual(store.messages.get(messageKey(CHAT, 3))?.chosen, [1]);
	anaIsTold({ type: 'poll.chosen', chat: CHAT, seq: 3, options: [] });
	assert.deepEqual(store.messages.get(messageKey(CHAT, 3))?.chosen, []);
});

test('what was told of reading before a message came does not hide that message from a tab that lags behind', () => {
	const read: Event = { type: 'chat.read', chat: CHAT, read_seq: 1, unread: 0 };
	// One tab was told all, into the store that both share; then the other tab comes to the first of it.
	anaIsTold(said(1, BEN), read, said(2, BEN));
	assert.equal(store.chats.get(CHAT)?.unread, 1);
	anaIsTold(read);
	assert.equal(store.chats.get(CHAT)?.unread, 1);
	assert.ok(store.stale.has(CHAT));
});
