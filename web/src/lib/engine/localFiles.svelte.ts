/** Addresses of files on this device: one's own pictures show at once, and go on showing when the house has them. */

import { SvelteMap } from 'svelte/reactivity';
import { fileKey, localId, variantsOf } from './drafts';
import type { Database, OutboxItem } from './database';
import type { MediaCard, Variant } from './types';

/** Sent media whose local copies are kept at hand. */
const KEPT_MAX = 60;

type Urls = Map<Variant, string>;

export class LocalFiles {
	/** By media id, local or of the house. */
	readonly #urls = new SvelteMap<string, Urls>();
	/** Ids that share the same addresses, oldest first. */
	readonly #sent: string[][] = [];

	/** Read the files of what is not sent yet. */
	async load(db: Database, items: readonly OutboxItem[]): Promise<void> {
		for (const { nonce, draft } of items) {
			for (const at of draft?.pieces.keys() ?? []) {
				if (this.#urls.has(localId(nonce, at))) continue;
				const rows = await db.files.bulkGet([fileKey(nonce, at, 0), fileKey(nonce, at, 1)]);
				this.show({ nonce, draft } as OutboxItem, at, rows.map((row) => row?.blob));
			}
		}
	}

	show({ nonce, draft }: OutboxItem, at: number, parts: readonly (Blob | undefined)[]): void {
		const piece = draft?.pieces[at];
		const id = localId(nonce, at);
		if (!piece || this.#urls.has(id)) return;
		const made = parts.map((blob) => blob && URL.createObjectURL(blob));
		const urls: Urls = new Map();
		for (const [variant, part] of variantsOf(piece)) if (made[part]) urls.set(variant, made[part]);
		this.#urls.set(id, urls);
	}

	/** The house has made this of a local file: what it shows is the same. */
	made(local: string, media: string): void {
		const urls = this.#urls.get(local);
		if (!urls || this.#urls.has(media)) return;
		this.#urls.set(media, urls);
		this.#sent.push([local, media]);
		if (this.#sent.length > KEPT_MAX) this.#forget(this.#sent.shift() ?? []);
	}

	dropped(local: string): void {
		if (!this.#sent.some((ids) => ids.includes(local))) this.#forget([local]);
	}

	url({ id, files }: MediaCard, variant: Variant): string | undefined {
		const local = this.#urls.get(id)?.get(variant);
		if (local || id.startsWith('local-')) return local;
		return files.some((file) => file.variant === variant) ? `/api/v1/media/${id}/${variant}` : undefined;
	}

	clear(): void {
		this.#sent.length = 0;
		this.#forget([...this.#urls.keys()]);
	}

	#forget(ids: readonly string[]): void {
		const gone = new Set(ids.flatMap((id) => [...(this.#urls.get(id)?.values() ?? [])]));
		for (const url of gone) URL.revokeObjectURL(url);
		for (const id of ids) this.#urls.delete(id);
	}
}
