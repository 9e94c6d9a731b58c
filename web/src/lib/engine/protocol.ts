/** The events of docs/api.md as the client reads them, and the HTTP twins of live commands. */

import type {
	Chat,
	Contact,
	ContactRequest,
	Draft,
	JoinRequest,
	MediaState,
	Member,
	Message,
	Person,
	PollVotes,
	Reaction
} from './types';

type Told<T extends string, Fields> = { type: T; cursor?: string } & Fields;

export type Event =
	| Told<'message.new', Message>
	| Told<'message.changed', { message: Message }>
	| Told<'message.reactions', { chat: string; seq: number; reactions: Reaction[] }>
	| Told<'message.poll', { chat: string; seq: number; poll: PollVotes }>
	| Told<'poll.chosen', { chat: string; seq: number; options: number[] }>
	| Told<'message.played', { chat: string; seq: number }>
	| Told<'media.changed', { media: MediaState }>
	| Told<'stickers.changed', unknown>
	| Told<'wallet.changed', unknown>
	| Told<'charge.changed', unknown>
	| Told<'cash.changed', unknown>
	| Told<'merchant.changed', { merchant: string }>
	| Told<'order.changed', unknown>
	| Told<'campaign.changed', { campaign: string; merchant: string }>
	| Told<'coupons.changed', { coupon?: string }>
	| Told<'bill.changed', unknown>
	| Told<'bills.changed', unknown>
	| Told<'call.changed', unknown>
	| Told<'call.signal', unknown>
	| Told<'phone.changed', unknown>
	| Told<'phone.media', unknown>
	| Told<'trunks.changed', unknown>
	| Told<'message.deleted', { chat: string; seqs: number[] }>
	| Told<'receipt.changed', { chat: string; person: string; delivered?: number; read?: number }>
	| Told<'chat.read', { chat: string; read_seq: number; unread: number; mentioned?: number }>
	| Told<'typing', { chat: string; person: string }>
	| Told<'chat.opened', { chat: Chat; people?: Person[] }>
	| Told<'chat.updated', { chat: string } & Pick<Required<Chat>, 'name' | 'picture' | 'topic' | 'announcement_only' | 'join_approval'>>
	| Told<'members.changed', { chat: string; member_count: number; members?: Member[]; removed?: string[]; people?: Person[] }>
	| Told<'chat.preferred', { chat: string } & Pick<Required<Chat>, 'pinned_at' | 'muted' | 'archived' | 'cleared_to'>>
	| Told<'draft.changed', { chat: string; draft?: Draft | null }>
	| Told<'chat.left', { chat: string }>
	| Told<'join.requested', { request: JoinRequest }>
	| Told<'join.closed', { chat: string; request: string }>
	| Told<'profile.changed', { person: Person }>
	| Told<'contact.changed', { contact: Contact }>
	| Told<'contact.removed', { person: string }>
	| Told<'contact.requested', { request: ContactRequest }>
	| Told<'contact.request_closed', { request: string }>
	| Told<'block.changed', { person: Person; blocked: boolean }>
	| Told<'ack', { id: string } & Record<string, unknown>>
	| Told<'error', { id?: string; code: string; title?: string; detail?: string; status?: number; fields?: Record<string, unknown> }>
	| Told<'synced', { id?: string; more?: boolean }>
	| Told<'overflow', unknown>
	| Told<'session.ended', { reason: string }>;

/** Method and path below `/api/v1`; fields named in the path go there, the others into the body. */
const TWINS: Record<string, string> = {
	'message.send': 'POST /chats/{chat}/messages',
	'message.edit': 'PATCH /chats/{chat}/messages/{seq}',
	'message.recall': 'POST /chats/{chat}/messages/{seq}/recall',
	'message.delete': 'POST /chats/{chat}/deletions',
	'message.react': 'PUT /chats/{chat}/messages/{seq}/reactions',
	'poll.vote': 'PUT /chats/{chat}/messages/{seq}/vote',
	'poll.close': 'POST /chats/{chat}/messages/{seq}/close',
	'message.play': 'POST /chats/{chat}/messages/{seq}/play',
	'media.make': 'POST /media',
	'media.discard': 'DELETE /media/{media}',
	receipt: 'PUT /chats/{chat}/receipt',
	typing: 'POST /chats/{chat}/typing',
	'draft.set': 'PUT /chats/{chat}/draft',
	'chat.prefer': 'PATCH /chats/{chat}/preferences',
	'chat.clear': 'POST /chats/{chat}/clear',
	'chat.create': 'POST /chats',
	'chat.update': 'PATCH /chats/{chat}',
	'chat.leave': 'POST /chats/{chat}/leave',
	'member.add': 'POST /chats/{chat}/members',
	'member.remove': 'DELETE /chats/{chat}/members/{person}',
	'member.role': 'PUT /chats/{chat}/members/{person}/role',
	'member.mute': 'PUT /chats/{chat}/members/{person}/mute',
	'link.make': 'POST /chats/{chat}/links',
	'link.revoke': 'DELETE /chats/{chat}/links/{link}',
	'chat.join': 'POST /joins',
	'join.answer': 'POST /chats/{chat}/joins/{request}',
	'profile.update': 'PATCH /me',
	'contact.request': 'POST /contacts/requests',
	'contact.accept': 'POST /contacts/requests/{request}/accept',
	'contact.decline': 'POST /contacts/requests/{request}/decline',
	'contact.update': 'PATCH /contacts/{person}',
	'contact.remove': 'DELETE /contacts/{person}',
	'person.block': 'PUT /blocks/{person}',
	'person.unblock': 'DELETE /blocks/{person}',
	'wallet.set': 'PATCH /wallet',
	'wallet.pay': 'POST /wallet/payments',
	'transfer.send': 'POST /chats/{chat}/transfers',
	'transfer.accept': 'POST /wallet/payments/{payment}/accept',
	'transfer.return': 'POST /wallet/payments/{payment}/return',
	'charge.make': 'POST /wallet/charges',
	'charge.pay': 'POST /wallet/charges/{charge}/pay',
	'charge.decline': 'POST /wallet/charges/{charge}/decline',
	'packet.send': 'POST /chats/{chat}/packets',
	'packet.open': 'POST /wallet/packets/{packet}/open',
	'cash.top_up': 'POST /wallet/desk/top-ups',
	'cash.pay_out': 'POST /wallet/desk/pay-outs',
	'cash.confirm': 'POST /wallet/desk/operations/{operation}/confirm',
	'cash.refuse': 'POST /wallet/desk/operations/{operation}/refuse',
	'cash.close': 'POST /wallet/desk/closings',
	'wallet.verify': 'POST /wallet/people/{person}/verification',
	'bank.withdraw': 'POST /wallet/withdrawals',
	'bank.cancel': 'POST /wallet/withdrawals/{withdrawal}/cancel',
	'bank.make_file': 'POST /wallet/bank/files',
	'bank.settle': 'POST /wallet/bank/files/{file}/settle',
	'merchant.open': 'POST /merchants',
	'merchant.update': 'PATCH /merchants/{merchant}',
	'merchant.judge': 'PUT /merchants/{merchant}/judgement',
	'merchant.staff.set': 'PUT /merchants/{merchant}/staff/{person}',
	'merchant.staff.remove': 'DELETE /merchants/{merchant}/staff/{person}',
	'counter.add': 'POST /merchants/{merchant}/counters',
	'counter.update': 'PATCH /merchants/{merchant}/counters/{counter}',
	'counter.remove': 'DELETE /merchants/{merchant}/counters/{counter}',
	'merchant.take_out': 'POST /merchants/{merchant}/take-outs',
	'order.create': 'POST /merchants/{merchant}/orders',
	'order.charge': 'POST /merchants/{merchant}/charges',
	'order.close': 'POST /orders/{order}/close',
	'order.pay': 'POST /orders/{order}/pay',
	'order.refund': 'POST /orders/{order}/refunds',
	'merchant.pay': 'POST /merchants/payments',
	'campaign.create': 'POST /merchants/{merchant}/campaigns',
	'campaign.update': 'PATCH /campaigns/{campaign}',
	'campaign.state': 'PUT /campaigns/{campaign}/state',
	'coupon.share': 'POST /chats/{chat}/campaigns',
	'coupon.claim': 'POST /campaigns/{campaign}/coupons',
	'coupon.give': 'POST /coupons/{coupon}/give',
	'coupon.redeem': 'POST /merchants/{merchant}/redemptions',
	'coupon.cancel': 'POST /redemptions/{redemption}/cancel',
	'biller.add': 'POST /billers',
	'biller.update': 'PATCH /billers/{biller}',
	'bill.pay': 'POST /bills/payments',
	'bill.save': 'POST /bills/saved',
	'bill.saved.update': 'PATCH /bills/saved/{saved}',
	'bill.saved.remove': 'DELETE /bills/saved/{saved}',
	'bill.autopay': 'PUT /bills/saved/{saved}/autopay',
	'bill.autopay.stop': 'DELETE /bills/saved/{saved}/autopay',
	'split.make': 'POST /chats/{chat}/splits',
	'split.pay': 'POST /splits/{split}/pay',
	'split.close': 'POST /splits/{split}/close',
	'call.start': 'POST /chats/{chat}/calls',
	'call.ringing': 'POST /calls/{call}/ringing',
	'call.join': 'POST /calls/{call}/join',
	'call.decline': 'POST /calls/{call}/decline',
	'call.leave': 'POST /calls/{call}/leave',
	'call.invite': 'POST /calls/{call}/people',
	'call.signal': 'POST /calls/{call}/signals',
	'call.state': 'PUT /calls/{call}/state',
	'call.keep': 'PUT /calls/{call}/here',
	'call.rate': 'PUT /calls/{call}/rating',
	'call.forget': 'POST /calls/forgotten',
	'phone.dial': 'POST /calls/phone',
	'phone.answer': 'POST /calls/phone/{call}/answer',
	'phone.rejoin': 'POST /calls/phone/{call}/rejoin',
	'phone.keep': 'PUT /calls/phone/{call}/here',
	'phone.hang_up': 'POST /calls/phone/{call}/hang-up',
	'phone.policy': 'PUT /calls/phone/policy',
	'deck.import': 'POST /calls/decks',
	'deck.remove': 'DELETE /calls/decks/{deck}',
	'trunk.add': 'POST /calls/trunks',
	'trunk.update': 'PATCH /calls/trunks/{trunk}',
	'trunk.remove': 'DELETE /calls/trunks/{trunk}',
	'number.assign': 'PUT /calls/numbers/{number}',
	'number.remove': 'DELETE /calls/numbers/{number}',
	'biller.settlement': 'POST /billers/{biller}/settlements',
	'biller.settled': 'POST /billers/settlements/{settlement}/settled'
};

/** Commands whose repetition could do more than the first: after a cut they fail instead of being sent again. */
const ONCE = new Set([
	'chat.clear', 'chat.leave', 'chat.join', 'member.mute', 'link.make', 'join.answer',
	'contact.request', 'contact.accept', 'contact.decline', 'typing'
]);

export function mayRepeat(type: string): boolean {
	return !ONCE.has(type);
}

export interface TwinRequest {
	method: string;
	path: string;
	body: Record<string, unknown> | undefined;
}

/** A live command as the HTTP request that does the same. */
export function twinOf(type: string, fields: Record<string, unknown>): TwinRequest {
	const twin = TWINS[type];
	if (!twin) throw new Error(`No command is called ${type}`);
	const [method = '', template = ''] = twin.split(' ');
	const body = { ...fields };
	const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
		delete body[name];
		return encodeURIComponent(String(fields[name]));
	});
	return { method, path, body: method === 'DELETE' ? undefined : body };
}

/**
 * Events with the messages of each chat in the order of their seqs. An acknowledgement stands before the other events of
 * its frame, so a message made of it may stand before one with a lower seq.
 */
export function inOrder(events: readonly Event[]): Event[] {
	const ordered = [...events];
	const places = new Map<string, number[]>();
	events.forEach((event, at) => {
		if (event.type !== 'message.new') return;
		const known = places.get(event.chat);
		if (known) known.push(at);
		else places.set(event.chat, [at]);
	});
	for (const at of places.values()) {
		const messages = at.map((place) => events[place] as Extract<Event, { type: 'message.new' }>);
		messages.sort((a, b) => a.seq - b.seq);
		messages.forEach((message, i) => (ordered[at[i] as number] = message));
	}
	return ordered;
}
