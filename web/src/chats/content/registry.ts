/**
 * How each kind of content looks: one file per kind, which says its shape, its words for previews and its component.
 * A new kind of message is one file here and one line below.
 */

import type { Component } from 'svelte';
import type { AnyContent, MediaCard } from '$lib/engine/types';
import type { ShownMessage } from '$lib/engine/contract';
import * as album from './Album.svelte';
import * as contactCard from './ContactCard.svelte';
import * as file from './File.svelte';
import * as livePhoto from './LivePhoto.svelte';
import * as location from './Location.svelte';
import * as picture from './Picture.svelte';
import * as poll from './Poll.svelte';
import * as recalled from './Recalled.svelte';
import * as sticker from './Sticker.svelte';
import * as system from './System.svelte';
import * as text from './Text.svelte';
import * as unknown from './Unknown.svelte';
import * as video from './Video.svelte';
import * as videoNote from './VideoNote.svelte';
import * as voice from './Voice.svelte';

export interface Renderer {
	default: Component<{ message: ShownMessage }>;
	/**
	 * `bubble`, `flush` and `bare` are things a person said: words on the ground of a bubble; a picture from edge to edge
	 * of it, with the time laid over; a figure without a ground. `line` is a centred word about the chat.
	 */
	shape: 'bubble' | 'flush' | 'bare' | 'line';
	/** One line of plain words, for the chat list, replies and announcements to screen readers. */
	excerpt(message: { content: AnyContent; sender: string }): string;
	/** Its last line leaves room for the time at its end. */
	tucks?: boolean;
	/** What stands for it where there is room for a stamp only; its words then need no sign. */
	stamp?(content: AnyContent): MediaCard | undefined;
}

const renderers = new Map<string, Renderer>([
	['text', text],
	['picture', picture],
	['album', album],
	['live_photo', livePhoto],
	['video', video],
	['video_note', videoNote],
	['voice', voice],
	['file', file],
	['sticker', sticker],
	['location', location],
	['contact', contactCard],
	['poll', poll],
	['recalled', recalled],
	['system', system]
]);

export function rendererOf(content: { kind: string }): Renderer {
	return renderers.get(content.kind) ?? unknown;
}

/** Said by a person, not told about the chat. */
export function isSaid({ content }: { content: AnyContent }): boolean {
	return rendererOf(content).shape !== 'line';
}

export function stampOf({ content }: { content: AnyContent }): MediaCard | undefined {
	return rendererOf(content).stamp?.(content);
}

/** The words under what is shown. */
export function captionOf(content: AnyContent): string {
	return 'caption' in content ? (content.caption ?? '') : '';
}

/** What one wrote of it and may change: a text, or the words under a picture. */
export function wordsOf(content: AnyContent): string {
	return content.kind === 'text' ? content.text : captionOf(content);
}

export function excerptOf(message: { content: AnyContent; sender: string }): string {
	return rendererOf(message.content).excerpt(message);
}
