/** The messages that are made of what was chosen. */

import type { MediaDraft, Piece } from '$lib/engine/contract';
import type { MediaKind } from '$lib/engine/types';

/** One chosen thing, as it stands when it is sent. */
export interface Chosen {
	kind: MediaKind;
	file: Blob;
	name: string;
	moment?: Blob;
	/** False: a live photo is sent as its still. */
	live: boolean;
	/** It was cropped or drawn on: the camera's own words are gone. */
	touched: boolean;
	width: number;
	height: number;
	duration: number;
}

export interface Wishes {
	caption: string;
	/** As they are, not made smaller. */
	asFiles: boolean;
	/** With place, time and camera. */
	keepMetadata: boolean;
}

function pieceOf(chosen: Chosen, { keepMetadata }: Wishes): Piece {
	const still = chosen.kind === 'live_photo' && !chosen.live;
	const kind = still ? 'picture' : chosen.kind;
	const piece: Piece = { kind, file: chosen.file };
	if (chosen.moment && !still) piece.moment = chosen.moment;
	if (chosen.name) piece.name = chosen.name;
	if (keepMetadata && !chosen.touched && (kind === 'picture' || kind === 'live_photo')) piece.keepMetadata = true;
	if (chosen.width) Object.assign(piece, { width: chosen.width, height: chosen.height });
	if (chosen.duration && kind !== 'picture') piece.duration = chosen.duration;
	return piece;
}

/** As it lies on the disk; of a live photo of two files, each. */
function filesOf(chosen: Chosen): MediaDraft[] {
	const files = chosen.moment && chosen.live ? [chosen.file, chosen.moment] : [chosen.file];
	return files.map((file) => {
		const name = file instanceof File ? file.name : chosen.name;
		return { kind: 'file', pieces: [{ kind: 'file', file, ...(name && { name }) }] };
	});
}

/**
 * Pictures, live photos and videos together are one album, one of them alone is of its own kind, and each other file is
 * a message. The caption goes with the first message.
 */
export function draftsOf(all: readonly Chosen[], wishes: Wishes): MediaDraft[] {
	const seen = all.filter(({ kind }) => !wishes.asFiles && kind !== 'file').map((chosen) => pieceOf(chosen, wishes));
	const drafts: MediaDraft[] = all.filter(({ kind }) => wishes.asFiles || kind === 'file').flatMap(filesOf);
	if (seen.length) drafts.unshift({ kind: seen.length > 1 ? 'album' : seen[0]!.kind, pieces: seen });
	const caption = wishes.caption.trim();
	if (caption && drafts[0] && drafts[0].kind !== 'video_note') drafts[0].caption = caption;
	return drafts;
}
