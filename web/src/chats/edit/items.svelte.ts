/** What was chosen to be sent, as it is looked at and changed before. */

import type { Piece } from '$lib/engine/contract';
import type { MediaKind } from '$lib/engine/types';
import type { Chosen } from './drafts';
import type { Size } from './geometry';
import { measurePicture, measureVideo } from './measure';
import { HEAD_BYTES, isAnimated, isMotionPhoto, momentOffset, sortOf } from './recognise';
import { isTouched, rendered, UNTOUCHED, type Edits } from './render';

/** As many as an album holds. */
export const ITEMS_MAX = 20;
/** A MOV that is longer is a video that bears the name of a picture by chance: the moment of a live photo has 3 s. */
const MOMENT_MAX_MS = 6000;

let made = 0;

export class Item {
	readonly id = ++made;
	kind = $state<MediaKind>('file');
	/** False while it is looked into. */
	ready = $state(false);
	/** The browser can show it. */
	showable = $state(false);
	moves = $state(false);
	width = $state(0);
	height = $state(0);
	duration = $state(0);
	live = $state(true);
	moment = $state.raw<Blob | undefined>();
	/** Of the moment, when it can be played here. */
	momentUrl = $state('');
	thumb = $state('');
	edits = $state.raw<Edits>(UNTOUCHED);
	/** What the edits made of it, and where it is shown from. */
	edited = $state.raw<{ file: Blob; url: string; size: Size } | undefined>();
	readonly url: string;
	readonly touched = $derived(isTouched(this.edits));
	readonly editable = $derived(this.showable && !this.moves && (this.kind === 'picture' || this.kind === 'live_photo'));
	readonly #urls: string[] = [];

	constructor(
		readonly file: Blob,
		readonly name: string,
		moment?: Blob,
		taken?: Piece
	) {
		this.moment = moment;
		this.url = this.#link(file);
		this.kind = taken?.kind ?? (moment ? 'live_photo' : this.#sort());
		this.duration = taken?.duration ?? 0;
		if (moment && this.kind === 'live_photo') this.momentUrl = this.#link(moment);
	}

	#sort = (): Exclude<MediaKind, 'live_photo'> => sortOf({ type: this.file.type, name: this.name });

	#link(blob: Blob): string {
		const url = URL.createObjectURL(blob);
		this.#urls.push(url);
		return url;
	}

	/** Look into the file. Returns a moment that turned out to be a video of its own. */
	async look(): Promise<Blob | undefined> {
		let apart: Blob | undefined;
		try {
			if (this.kind === 'picture' || this.kind === 'live_photo') {
				await this.#lookAtPicture();
				if (this.moment && this.momentUrl) apart = await this.#lookAtMoment(this.moment);
			}
			const measured =
				this.kind === 'video' || this.kind === 'video_note'
					? await measureVideo(this.url)
					: this.kind === 'file'
						? undefined
						: await measurePicture(this.file);
			if (measured) {
				this.width = measured.width;
				this.height = measured.height;
				this.duration ||= measured.duration;
				this.thumb = this.#link(measured.thumb);
				this.showable = true;
			}
		} catch {
			// A format that this browser does not know: the house may.
		}
		this.ready = true;
		return apart;
	}

	async #lookAtPicture(): Promise<void> {
		const head = new Uint8Array(await this.file.slice(0, HEAD_BYTES).arrayBuffer());
		this.moves = isAnimated(head, this.file.type);
		if (this.kind !== 'picture' || !isMotionPhoto(head)) return;
		const at = momentOffset(new Uint8Array(await this.file.arrayBuffer()));
		this.kind = 'live_photo';
		if (at > 0) this.momentUrl = this.#link(this.file.slice(at, this.file.size, 'video/mp4'));
	}

	async #lookAtMoment(moment: Blob): Promise<Blob | undefined> {
		const measured = await measureVideo(this.momentUrl).catch(() => undefined);
		if (!measured || measured.duration <= MOMENT_MAX_MS) {
			this.duration ||= measured?.duration ?? 0;
			return undefined;
		}
		this.kind = 'picture';
		this.moment = undefined;
		this.momentUrl = '';
		return moment;
	}

	/** Change it; a live photo that is changed is sent as its still. */
	async edit(edits: Edits): Promise<void> {
		const before = this.edited;
		if (!isTouched(edits)) {
			this.edited = undefined;
		} else {
			const { file, size } = await rendered(this.file, edits);
			this.edited = { file, size, url: URL.createObjectURL(file) };
			this.live = false;
		}
		this.edits = edits;
		if (before) URL.revokeObjectURL(before.url);
	}

	/** As it moves, which what was drawn on it does not. */
	async setLive(on: boolean): Promise<void> {
		if (on && this.touched) await this.edit(UNTOUCHED);
		this.live = on;
	}

	get chosen(): Chosen {
		const { kind, live, touched, duration } = this;
		const { width, height } = this.edited?.size ?? this;
		const file = this.edited?.file ?? this.file;
		// A still of another format than the name says would be an odd file.
		const name = this.edited && file.type !== this.file.type ? this.name.replace(/\.[^.]*$/, '.jpg') : this.name;
		return { kind, file, name, moment: this.moment, live, touched, width, height, duration };
	}

	release(): void {
		for (const url of this.#urls) URL.revokeObjectURL(url);
		if (this.edited) URL.revokeObjectURL(this.edited.url);
	}
}
