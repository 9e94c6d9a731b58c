/** The text that is being written in a conversation: kept as a draft on all devices, set aside while a message is edited. */

import { untrack } from 'svelte';
import { engine } from '$lib/engine';
import type { NewTextContent } from '$lib/engine/types';
import { wordsOf } from '../content/kinds';
import type { Conversation } from '../conversation/state.svelte';
import { handlesIn } from '../format/tokens';

export const TEXT_MAX = 8000;
/** The count of what is left shows from here on. */
export const NEAR_MAX = 7500;
/** Named with @all, everybody is told: admins only. */
export const ALL = 'all';
const KEEP_AFTER_MS = 700;

export class Draft {
	text = $state('');
	/** Characters as the server counts them: code points, not UTF-16 units. */
	readonly length = $derived(this.text.length > NEAR_MAX ? [...this.text].length : this.text.length);
	readonly sendable = $derived(this.text.trim().length > 0 && this.length <= TEXT_MAX);
	/** As it was last kept here, to tell a draft from another device apart. */
	#kept: string;
	/** Kept here since the newest one came back from the store: an older one that comes back late is no news. */
	readonly #underWay = new Set<string>();
	/** What the store showed last. */
	#shown: string;
	#setAside = '';
	#edited = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** Made while a component is set up: it lives as long as that. */
	constructor(private readonly conversation: Conversation) {
		this.text = this.#kept = this.#shown = conversation.chat?.draft?.text ?? '';
		$effect(() => {
			const draft = conversation.chat?.draft?.text ?? '';
			untrack(() => this.#follow(draft));
		});
		$effect(() => {
			const editing = conversation.editing;
			untrack(() => this.#switch(editing?.seq ?? 0, editing && wordsOf(editing.content)));
		});
		$effect(() => () => this.keep());
	}

	/** A draft written on another device appears here, unless something else is being written. */
	#follow(draft: string): void {
		if (draft === this.#shown) return;
		this.#shown = draft;
		if (draft === this.#kept) this.#underWay.clear();
		if (draft === this.#kept || this.#underWay.has(draft) || this.text !== this.#kept || this.conversation.editing) return;
		this.text = this.#kept = draft;
	}

	#switch(seq: number, text: string | undefined): void {
		if (seq === this.#edited) return;
		if (text !== undefined) {
			if (!this.#edited) this.#setAside = this.text;
			this.text = text;
		} else if (this.#edited) {
			this.text = this.#setAside;
			this.#setAside = '';
		}
		this.#edited = seq;
	}

	/** Called as somebody writes. */
	written(): void {
		if (this.conversation.editing) return;
		if (this.text.trim()) engine.typing(this.conversation.id);
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.keep(), KEEP_AFTER_MS);
	}

	keep(): void {
		clearTimeout(this.#timer);
		const draft = this.conversation.editing ? this.#setAside : this.text;
		const reply = this.conversation.replyTo?.seq;
		if (draft === this.#kept && (!draft || reply === engine.chat(this.conversation.id)?.draft?.reply)) return;
		this.#kept = draft;
		this.#underWay.add(draft);
		engine.saveDraft(this.conversation.id, draft.slice(0, TEXT_MAX), reply);
	}

	/** It was sent, in one way or another. */
	clear(): void {
		this.text = '';
		this.keep();
	}

	/** What is sent of it: the members it names are told even when the chat is muted. */
	content(): NewTextContent {
		const chat = this.conversation.chat;
		const content: NewTextContent = { kind: 'text', text: this.text.trim() };
		if (chat?.kind === 'direct') return content;
		const handles = handlesIn(content.text);
		const members = new Map((chat?.members ?? []).map(({ person }) => [engine.person(person)?.handle, person]));
		const mentions = handles.flatMap((handle) => members.get(handle) ?? []).slice(0, 50);
		if (mentions.length) content.mentions = mentions;
		if (this.conversation.isAdmin && handles.includes(ALL)) content.mention_all = true;
		return content;
	}
}
