/**
 * How each kind of content looks: one file per kind, which says its shape, its words for previews and its component.
 * A new kind of message is one file here and one line below.
 */

import type { Component } from 'svelte';
import type { AnyContent } from '$lib/engine/types';
import type { ShownMessage } from '$lib/engine/contract';
import * as recalled from './Recalled.svelte';
import * as system from './System.svelte';
import * as text from './Text.svelte';
import * as unknown from './Unknown.svelte';

export interface Renderer {
	default: Component<{ message: ShownMessage }>;
	/** `bubble` is something a person said; `line` is a centred word about the chat. */
	shape: 'bubble' | 'line';
	/** One line of plain words, for the chat list, replies and announcements to screen readers. */
	excerpt(message: { content: AnyContent; sender: string }): string;
}

const renderers = new Map<string, Renderer>([
	['text', text],
	['recalled', recalled],
	['system', system]
]);

export function rendererOf(content: { kind: string }): Renderer {
	return renderers.get(content.kind) ?? unknown;
}

export function excerptOf(message: { content: AnyContent; sender: string }): string {
	return rendererOf(message.content).excerpt(message);
}
