/**
 * What the engine offers to the screens: reactive state to read and commands to give. Screens never touch the network
 * or IndexedDB themselves. All objects are Svelte 5 runes underneath: reading a field in a component subscribes to it.
 */

import type {
	AnyContent,
	Chat,
	Contact,
	ContactRequest,
	JoinRequest,
	Me,
	MediaCard,
	MediaKind,
	Member,
	Message,
	NewCaptionContent,
	NewContent,
	NewTextContent,
	Person,
	SearchHit,
	Variant
} from './types';

export type ConnectionStatus = 'connecting' | 'online' | 'offline';

/** How far a message of one's own has come. Messages of others have no state. */
export type SendState = 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

/** A message as a screen shows it. One that is not acknowledged yet has `seq` 0 and is keyed by its nonce. */
export interface ShownMessage extends Message {
	key: string;
	mine: boolean;
	state?: SendState;
	/** The error code when `state` is `failed`; of media that could not be made `media_refused:<reason>`. */
	error?: string;
	/** How far its files have come while it is `sending`: bytes on their way, then work at the house. */
	progress?: { stage: 'uploading' | 'processing'; percent: number };
	/** People (in groups of up to 100) who read it. */
	readBy?: string[];
}

/** The part of one chat's history that is loaded: contiguous, oldest first, then one's own unsent messages. */
export interface MessageWindow {
	readonly messages: ShownMessage[];
	readonly loading: boolean;
	/** False when the first message of the chat that one may see is loaded. */
	readonly hasOlder: boolean;
	/** False when the newest message is loaded. */
	readonly hasNewer: boolean;
	loadOlder(): Promise<void>;
	loadNewer(): Promise<void>;
	/** Load around a seq (search hit, reply, first unread); resolves when it is in `messages`. */
	jumpTo(seq: number): Promise<void>;
	jumpToNewest(): Promise<void>;
	close(): void;
}

export interface ShownChat extends Chat {
	/** What to show: the remark or name of the other person for direct chats, the name otherwise. */
	title: string;
	/** The other person of a direct chat. */
	peer?: Person;
	/** The newest thing in the chat, one's own unsent ones included. */
	last?: ShownMessage;
	/** People who are typing now. */
	typing: Person[];
	/** May this person write here now? If not, why (`apart`: the two are no contacts any more; `service`: it reads no answers). */
	canWrite: boolean;
	cannotWriteBecause?: 'announcement' | 'muted' | 'left' | 'reader' | 'blocked' | 'apart' | 'service';
}

export interface SendOptions {
	reply?: number;
	/** The words of the message that is replied to, as its renderer says them. */
	excerpt?: string;
	/** What is shown until the house answers, where this device knows more than what is sent (a sticker's card). */
	shown?: AnyContent;
}

/** One file (of a live photo from Apple or our camera: two) that becomes one media. */
export interface Piece {
	kind: MediaKind;
	file: Blob;
	/** The moving moment that belongs to a still. */
	moment?: Blob;
	name?: string;
	/** Keep what the camera wrote (place, time): only when the person asked for it. */
	keepMetadata?: boolean;
	/** As far as this device knows, so that the message has its shape at once. The house finds out for itself. */
	width?: number;
	height?: number;
	/** Milliseconds. */
	duration?: number;
	/** `WAVEFORM_POINTS` values of 0 to 255, as measured while recording. */
	waveform?: number[];
}

/** A message made of files. It is kept with its files in the outbox, uploaded (resumable), made, then sent. */
export interface MediaDraft {
	/** `album`: two to twenty pictures, live photos and videos; all else has one piece. */
	kind: MediaKind | 'album';
	pieces: Piece[];
	caption?: string;
}

/** A command was refused (`code` of the API), or the network is away (`offline`). */
export interface Failure extends Error {
	code: string;
	fields: Record<string, unknown>;
}

export interface Engine {
	readonly me: Me | undefined;
	readonly status: ConnectionStatus;
	/** True once the local store is read: the screens can be shown, network or not. */
	readonly ready: boolean;
	/** False on a new device until it has read all chats and contacts once: none shown does not mean that there are none. */
	readonly whole: boolean;
	/** Sorted: pinned first, then by newest message. Archived ones apart. */
	readonly chats: ShownChat[];
	readonly archived: ShownChat[];
	readonly unreadTotal: number;
	readonly contacts: Contact[];
	readonly requests: ContactRequest[];
	readonly blocked: Person[];
	/** Requests to join chats of which one is an admin, as told to this device (`GET /chats/{chat}/joins` has all). */
	readonly joins: JoinRequest[];

	chat(id: string): ShownChat | undefined;
	person(id: string): Person | undefined;
	/** The remark one gave them, else their name. */
	nameOf(id: string): string;
	member(chat: string, person: string): Member | undefined;
	openWindow(chat: string): MessageWindow;

	/** Shows at once; kept in the outbox until the server has it. */
	send(chat: string, content: NewContent, options?: SendOptions): void;
	/** Shows at once, from the files themselves; `discard` cancels it at any stage. */
	sendMedia(chat: string, draft: MediaDraft, options?: SendOptions): void;
	/** Where a media's file is: on this device while it is on its way, else at the house. Undefined when it has none. */
	mediaUrl(media: MediaCard, variant: Variant): string | undefined;
	forward(from: { chat: string; seq: number }[], to: string[]): void;
	retry(chat: string, nonce: string): void;
	discard(chat: string, nonce: string): void;
	edit(chat: string, seq: number, content: NewTextContent | NewCaptionContent): Promise<void>;
	recall(chat: string, seq: number): Promise<void>;
	deleteForMe(chat: string, seqs: number[]): Promise<void>;
	react(chat: string, seq: number, emoji: string, on: boolean): Promise<void>;
	/** Choose in a poll; none takes the vote back. */
	vote(chat: string, seq: number, options: number[]): Promise<void>;
	closePoll(chat: string, seq: number): Promise<void>;
	/** A voice message or video note was played: its dot goes, on all devices. */
	played(chat: string, seq: number): void;
	/** Called by the list for what is on screen; sent in batches. */
	markRead(chat: string, seq: number): void;
	typing(chat: string): void;
	saveDraft(chat: string, text: string, reply?: number): void;
	prefer(chat: string, preferences: { pinned?: boolean; muted?: boolean; archived?: boolean }): Promise<void>;
	clear(chat: string): Promise<void>;

	/** Any other command of docs/api.md, over the live connection or its HTTP twin when that is down. */
	command<T = Record<string, unknown>>(type: string, fields: Record<string, unknown>): Promise<T>;
	/** Hear of events that the engine itself keeps nothing of; returns how to stop. */
	listen<T = Record<string, unknown>>(
		type: 'stickers.changed' | 'wallet.changed' | 'charge.changed' | 'cash.changed' | 'merchant.changed' | 'order.changed' | 'campaign.changed' | 'coupons.changed' | 'bill.changed' | 'bills.changed' | 'call.changed' | 'call.signal' | 'phone.changed' | 'phone.media' | 'trunks.changed',
		heard: (event: T) => void
	): () => void;
	/** What a room keeps on this device for when the network is away; gone with the person who is signed in. */
	kept<T>(key: string): Promise<T | undefined>;
	keep(key: string, value: unknown): Promise<void>;
	search(text: string, chat?: string, after?: string): Promise<{ hits: SearchHit[]; next: string }>;

	signedIn(token?: string): Promise<void>;
	signOut(): Promise<void>;
}
