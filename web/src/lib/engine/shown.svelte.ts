/** What the screens see of one chat: its rows, and what follows from them. */

import type { SendState, ShownChat, ShownMessage } from './contract';
import type { ChatRow, OutboxItem } from './database';
import type { House } from './house.svelte';
import type { Member, Message } from './types';

/** Told of receipts up to this many members (docs/api.md, `receipt.changed`). */
export const RECEIPT_MEMBERS_MAX = 100;

export class ChatState {
	readonly id: string;
	row: ChatRow;
	members: Member[] = $state.raw([]);
	/** Unsent messages of one's own, oldest first. */
	outbox: OutboxItem[] = $state.raw([]);
	typing: string[] = $state.raw([]);

	readonly #house: House;
	readonly #byPerson = $derived(new Map(this.members.map((member) => [member.person, member])));
	readonly #others = $derived(this.members.filter(({ person }) => person !== this.#house.me?.person.id));
	readonly #readTo = $derived(Math.max(0, ...this.#others.map(({ read_seq }) => read_seq ?? 0)));
	readonly #deliveredTo = $derived(Math.max(0, ...this.#others.map(({ delivered_seq }) => delivered_seq ?? 0)));
	readonly shown: ShownChat = $derived.by(() => this.#show());

	readonly #messages = new WeakMap<Message, ShownMessage>();
	readonly #unsent = new WeakMap<OutboxItem, ShownMessage>();

	constructor(row: ChatRow, house: House) {
		this.id = row.id;
		this.row = $state.raw(row);
		this.#house = house;
	}

	member(person: string): Member | undefined {
		return this.#byPerson.get(person);
	}

	/** The first seq that one may see. */
	get floor(): number {
		return Math.max(this.row.history_from, this.row.cleared_to + 1);
	}

	message(message: Message): ShownMessage {
		let shown = this.#messages.get(message);
		if (!shown) {
			shown = this.#showMessage(message);
			this.#messages.set(message, shown);
		}
		return shown;
	}

	unsent(item: OutboxItem): ShownMessage {
		let shown = this.#unsent.get(item);
		if (!shown) {
			const progress = () => (item.failed ? undefined : this.#house.progress.get(item.nonce));
			shown = {
				get progress() {
					return progress();
				},
				chat: item.chat, seq: 0, sender: this.#house.me?.person.id ?? '', at: item.at, content: item.content,
				nonce: item.nonce, reply: item.reply, forward: item.forward?.shown, key: `n${item.nonce}`, mine: true,
				state: item.failed ? 'failed' : 'sending', error: item.failed
			};
			this.#unsent.set(item, shown);
		}
		return shown;
	}

	#showMessage(message: Message): ShownMessage {
		const mine = message.sender === this.#house.me?.person.id;
		if (!mine) return { ...message, key: `s${message.seq}`, mine };
		const stateOf = () => this.#stateOf(message.seq);
		const readersOf = () => this.#readersOf(message.seq);
		// Getters: a receipt touches only the messages that are on screen.
		return {
			...message,
			key: message.nonce ? `n${message.nonce}` : `s${message.seq}`,
			mine,
			get state() {
				return stateOf();
			},
			get readBy() {
				return readersOf();
			}
		};
	}

	#stateOf(seq: number): SendState {
		if (this.row.kind === 'channel') return 'sent';
		if (seq <= this.#readTo) return 'read';
		return seq <= this.#deliveredTo ? 'delivered' : 'sent';
	}

	#readersOf(seq: number): string[] | undefined {
		if (this.row.kind === 'channel' || this.row.member_count > RECEIPT_MEMBERS_MAX) return undefined;
		return this.#others.filter(({ read_seq }) => (read_seq ?? 0) >= seq).map(({ person }) => person);
	}

	#show(): ShownChat {
		const { row, members } = this;
		const house = this.#house;
		const peerId = row.kind === 'direct' ? this.#others[0]?.person : undefined;
		const newest = this.outbox.at(-1);
		const cannotWriteBecause = this.#cannotWriteBecause(peerId);
		return {
			...row,
			members,
			title: peerId ? house.nameOf(peerId) : row.name,
			peer: peerId ? house.people.get(peerId) : undefined,
			last: newest ? this.unsent(newest) : row.last_message ? this.message(row.last_message) : undefined,
			typing: this.typing.flatMap((id) => house.people.get(id) ?? []),
			canWrite: !cannotWriteBecause,
			cannotWriteBecause
		};
	}

	#cannotWriteBecause(peerId: string | undefined): ShownChat['cannotWriteBecause'] {
		const { row } = this;
		const house = this.#house;
		if (row.left) return 'left';
		if (peerId && house.blocked.has(peerId)) return 'blocked';
		if (peerId && house.people.get(peerId)?.service) return 'service';
		if (row.kind === 'direct' && !house.contacts.has(peerId ?? '')) return 'apart';
		const mine = this.member(house.me?.person.id ?? '');
		const leads = mine?.role === 'owner' || mine?.role === 'admin';
		if (row.kind === 'channel' && !leads) return 'reader';
		if (row.announcement_only && !leads) return 'announcement';
		if ((mine?.muted_until ?? 0) > house.now) return 'muted';
		return undefined;
	}
}
