/** What is going on in the open conversation: shared by its header, list and composer through Svelte's context. */

import { getContext, setContext } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import { engine } from '$lib/engine';
import type { MessageWindow, ShownChat, ShownMessage } from '$lib/engine/contract';
import type { Member, Reply, Role } from '$lib/engine/types';

/** Texts that one took back on this device, so that they can be written again; gone with the tab. */
const recalledTexts = new Map<string, { text: string; at: number }>();
const WRITE_AGAIN_MS = 5 * 60_000;

export class Conversation {
	readonly window: MessageWindow;
	/** The last message that was read when the conversation was opened: the divider stands after it. */
	readonly readAtOpen: number;
	readonly unreadAtOpen: number;

	replyTo = $state<Reply | undefined>();
	editing = $state<ShownMessage | undefined>();
	searching = $state(false);
	selecting = $state(false);
	readonly selected = new SvelteSet<number>();
	/** The message that a jump led to, lit up for a moment. */
	lit = $state(0);

	/** Set by the list and the composer. */
	jump: (seq: number) => Promise<void> = async () => {};
	toNewest: () => Promise<void> = async () => {};
	write: (text: string) => void = () => {};
	focusComposer: () => void = () => {};
	/** Look at these files before they are sent. */
	attach: (files: File[]) => void = () => {};

	constructor(readonly id: string) {
		this.window = engine.openWindow(id);
		const chat = engine.chat(id);
		this.readAtOpen = chat?.read_seq ?? 0;
		this.unreadAtOpen = chat?.unread ?? 0;
	}

	get chat(): ShownChat | undefined {
		return engine.chat(this.id);
	}

	/** A message of the loaded part. */
	loaded(seq: number): ShownMessage | undefined {
		return this.window.messages.find((message) => message.seq === seq);
	}

	get myRole(): Role {
		return this.memberOf(engine.me?.person.id ?? '')?.role ?? 'member';
	}

	get isAdmin(): boolean {
		return this.chat?.kind !== 'direct' && this.myRole !== 'member';
	}

	memberOf(person: string): Member | undefined {
		return engine.member(this.id, person);
	}

	reply(message: ShownMessage, excerpt: string): void {
		this.editing = undefined;
		this.replyTo = { seq: message.seq, sender: message.sender, excerpt };
		this.focusComposer();
	}

	edit(message: ShownMessage): void {
		this.replyTo = undefined;
		this.editing = message;
		this.focusComposer();
	}

	toggle(seq: number): void {
		if (!this.selected.delete(seq)) this.selected.add(seq);
		if (!this.selected.size) this.selecting = false;
	}

	select(seq: number): void {
		this.selecting = true;
		this.selected.add(seq);
	}

	stopSelecting(): void {
		this.selecting = false;
		this.selected.clear();
	}

	keepRecalled(message: ShownMessage): void {
		if (message.content.kind === 'text') {
			recalledTexts.set(`${this.id}/${message.seq}`, { text: message.content.text, at: Date.now() });
		}
	}

	recalledText(message: ShownMessage): string {
		const kept = recalledTexts.get(`${this.id}/${message.seq}`);
		return message.mine && kept && Date.now() - kept.at < WRITE_AGAIN_MS ? kept.text : '';
	}

	writeAgain(text: string): void {
		this.write(text);
		this.focusComposer();
	}

	/** A draft that answers a message shows it again, once that message is loaded. */
	restoreReply(): void {
		const seq = this.chat?.draft?.reply;
		const found = seq && !this.replyTo && this.window.messages.find((message) => message.seq === seq);
		if (found && found.content.kind === 'text') {
			this.replyTo = { seq, sender: found.sender, excerpt: found.content.text.slice(0, 200) };
		}
	}
}

const KEY = Symbol('conversation');

export function provideConversation(conversation: Conversation): Conversation {
	return setContext(KEY, conversation);
}

export function useConversation(): Conversation {
	return getContext<Conversation>(KEY);
}
