/** A message made of files, as the outbox keeps it: what it looks like until it is sent, and what is sent of it. Pure. */

import type { MediaDraft, Piece } from './contract';
import type { AnyContent, MediaCard, MediaFile, NewContent, Variant } from './types';

/** A piece without its files, which lie in a table of their own: an item is written again at every step. */
export interface KeptPiece extends Omit<Piece, 'file' | 'moment'> {
	type: string;
	size: number;
	momentType?: string;
	momentSize?: number;
	/** Uploads under way, by part (0: the file, 1: the moment), so that they go on after a reload. */
	urls: string[];
	/** Ids of finished uploads, by part. */
	uploads: string[];
	/** What the house made or is making of them. */
	media?: string;
}

export interface KeptDraft {
	kind: MediaDraft['kind'];
	caption?: string;
	pieces: KeptPiece[];
	/** How often it was begun anew. */
	attempt: number;
	/** All media are ready. */
	ready?: boolean;
}

export type Part = 0 | 1;

export function keptDraft(draft: MediaDraft): KeptDraft {
	const pieces = draft.pieces.map(({ file, moment, ...piece }): KeptPiece => ({
		...piece,
		type: file.type,
		size: file.size,
		...(moment && { momentType: moment.type, momentSize: moment.size }),
		urls: [],
		uploads: []
	}));
	return { kind: draft.kind, caption: draft.caption, pieces, attempt: 0 };
}

export function localId(nonce: string, piece: number): string {
	return `local-${nonce}-${piece}`;
}

export function fileKey(nonce: string, piece: number, part: Part): string {
	return `${nonce}/${piece}/${part}`;
}

/** All bytes that have to go up. */
export function sizeOf({ pieces }: KeptDraft): number {
	return pieces.reduce((sum, { size, momentSize = 0 }) => sum + size + momentSize, 0);
}

const STILLS: Variant[] = ['large', 'medium', 'small'];

/** Which files of a local media stand for which variants. */
export function variantsOf(piece: KeptPiece): Map<Variant, Part> {
	switch (piece.kind) {
		case 'picture':
			return new Map(STILLS.map((variant) => [variant, 0]));
		case 'live_photo':
			return new Map<Variant, Part>([
				...STILLS.map((variant): [Variant, Part] => [variant, 0]),
				...(piece.momentType === undefined ? [] : [['video', 1] satisfies [Variant, Part]])
			]);
		case 'voice':
			return new Map([['audio', 0]]);
		case 'video':
		case 'video_note':
			return new Map([['video', 0]]);
		case 'file':
			return new Map([['original', 0]]);
	}
}

function localCard(nonce: string, piece: KeptPiece, at: number): MediaCard {
	const files = [...variantsOf(piece)].map(([variant, part]): MediaFile => ({
		variant,
		type: part ? (piece.momentType ?? '') : piece.type,
		size: part ? (piece.momentSize ?? 0) : piece.size
	}));
	return {
		id: localId(nonce, at),
		files,
		name: piece.name ?? '',
		width: piece.width ?? 0,
		height: piece.height ?? 0,
		duration: piece.duration ?? 0,
		waveform: piece.waveform ? btoa(String.fromCharCode(...piece.waveform)) : ''
	};
}

/** What is shown until the house answers with what it made. */
export function shownContent(nonce: string, { kind, caption = '', pieces }: KeptDraft): AnyContent {
	const cards = pieces.map((piece, at) => localCard(nonce, piece, at));
	if (kind === 'album') {
		const items = cards.map((media, at) => ({ kind: pieces[at]!.kind as 'picture' | 'live_photo' | 'video', media }));
		return { kind, items, caption };
	}
	const media = cards[0]!;
	return kind === 'voice' || kind === 'video_note' ? { kind, media } : { kind, media, caption };
}

export function contentToSend({ kind, caption = '', pieces }: KeptDraft): NewContent {
	const made = pieces.map(({ media }) => media!);
	if (kind === 'album') return { kind, items: made, caption };
	const media = made[0]!;
	return kind === 'voice' || kind === 'video_note' ? { kind, media } : { kind, media, caption };
}

/** What is told of a content that is sent, as far as this device can know. */
export function toldOf(content: NewContent): AnyContent | undefined {
	switch (content.kind) {
		case 'text': {
			const { preview: _preview, ...text } = content;
			return text;
		}
		case 'location':
		case 'poll':
			return content;
		default:
			return undefined;
	}
}
