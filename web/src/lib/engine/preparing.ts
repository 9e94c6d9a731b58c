/**
 * What has to happen to a message made of files before it can be sent: its files go up, the house makes media of them,
 * and tells when they are ready. Each step is kept, so that it goes on where it was after a reload or a cut.
 */

import { Failure, request } from '$lib/api';
import type { ShownMessage } from './contract';
import type { Connection } from './connection';
import type { OutboxItem } from './database';
import { contentToSend, fileKey, localId, sizeOf, type KeptDraft, type KeptPiece, type Part } from './drafts';
import { alone } from './locks';
import type { LocalFiles } from './localFiles.svelte';
import type { Store } from './store';
import type { MediaState } from './types';
import { uploadFile } from './uploads';

type Progress = NonNullable<ShownMessage['progress']>;

/** Messages of files that are prepared at once: a voice message does not wait for a film. */
const AT_ONCE = 3;
/** The house is asked for what it did not tell this often. */
const ASK_MS = 10_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** Refusals that pass by themselves. */
const PASSING = new Set(['offline', 'rate_limited', 'unavailable']);

interface Waiting {
	progress: (percent: number) => void;
	settle: (state: MediaState) => void;
}

export class Preparing {
	readonly #running = new Map<string, AbortController>();
	readonly #waiting = new Map<string, Waiting>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	#failures = 0;
	#stopped = false;

	constructor(
		private readonly store: Store,
		private readonly connection: Connection,
		private readonly local: LocalFiles,
		private readonly progress: { set(nonce: string, progress: Progress): void; delete(nonce: string): void },
		/** Called when a message can be sent. */
		private readonly ready: () => void
	) {}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
		for (const running of this.#running.values()) running.abort();
	}

	/** Begin with what waits; called whenever something was added or the house can be reached again. */
	async start(): Promise<void> {
		clearTimeout(this.#timer);
		const items = await this.store.db.outbox.orderBy('nonce').toArray();
		for (const item of items) {
			if (this.#stopped || this.#running.size >= AT_ONCE) return;
			if (!item.draft || item.draft.ready || item.failed || this.#running.has(item.nonce)) continue;
			const running = new AbortController();
			this.#running.set(item.nonce, running);
			// Two tabs must not send the same files: the one that holds the lock does.
			void alone(`teahouse-media-${item.nonce}`, () => this.#run(item, running.signal), running.signal);
		}
	}

	cancel(nonce: string): void {
		this.#running.get(nonce)?.abort();
	}

	/** The house tells how a media stands. */
	changed(state: MediaState): void {
		const waiting = this.#waiting.get(state.id);
		if (state.state === 'processing') waiting?.progress(state.progress ?? 0);
		else waiting?.settle(state);
	}

	async #run(item: OutboxItem, signal: AbortSignal): Promise<void> {
		let again = 0;
		try {
			await this.#prepare(item.nonce, signal);
			this.#failures = 0;
			this.ready();
		} catch (error) {
			if (!(error instanceof Failure)) throw error;
			if (PASSING.has(error.code)) again = Math.min(RETRY_FIRST_MS * 2 ** this.#failures++, RETRY_MAX_MS);
			else if (error.code !== 'cancelled') await this.#fail(item.nonce, error);
		} finally {
			this.#running.delete(item.nonce);
			this.progress.delete(item.nonce);
		}
		if (this.#stopped) return;
		if (again) this.#timer = setTimeout(() => void this.start(), again * (0.5 + Math.random()));
		else void this.start();
	}

	async #prepare(nonce: string, signal: AbortSignal): Promise<void> {
		const item = await this.store.db.outbox.get(nonce);
		if (!item?.draft || item.draft.ready) return;
		const { draft } = item;
		const total = sizeOf(draft);
		const percents = draft.pieces.map(() => 0);
		let sent = 0;
		const made: Promise<void>[] = [];
		for (const [at, piece] of draft.pieces.entries()) {
			const before = sent;
			if (!piece.media) {
				const uploading = (bytes: number) =>
					this.progress.set(nonce, { stage: 'uploading', percent: Math.floor(((before + bytes) / total) * 100) });
				uploading(0);
				await this.#make(nonce, draft, at, uploading, signal);
			}
			sent += piece.size + (piece.momentSize ?? 0);
			this.local.made(localId(nonce, at), piece.media!);
			const isLast = at === draft.pieces.length - 1;
			const told = (percent: number) => {
				percents[at] = percent;
				const mean = percents.reduce((sum, each) => sum + each, 0) / percents.length;
				if (isLast || sent >= total) this.progress.set(nonce, { stage: 'processing', percent: Math.floor(mean) });
			};
			const readyNow = this.#whenReady(piece.media!, told, signal);
			// It is awaited below, after the uploads; until then its failure is nobody's surprise.
			readyNow.catch(() => undefined);
			made.push(readyNow);
		}
		await Promise.all(made);
		await this.#keep(nonce, (kept) => ({ ...kept, send: contentToSend(draft), draft: { ...draft, ready: true } }));
	}

	async #make(nonce: string, draft: KeptDraft, at: number, sent: (bytes: number) => void, signal: AbortSignal) {
		const piece = draft.pieces[at]!;
		await this.#upload(nonce, draft, at, 0, sent, signal);
		if (piece.momentSize !== undefined) await this.#upload(nonce, draft, at, 1, (bytes) => sent(piece.size + bytes), signal);
		const answer = await this.connection.command('media.make', {
			nonce: `${nonce}-${at}-${draft.attempt}`,
			kind: piece.kind,
			uploads: piece.uploads,
			...(piece.name && { name: piece.name }),
			...(piece.keepMetadata && { keep_metadata: true })
		});
		piece.media = (answer.media as MediaState).id;
		await this.#keep(nonce, (kept) => ({ ...kept, draft }));
	}

	async #upload(
		nonce: string,
		draft: KeptDraft,
		at: number,
		part: Part,
		onProgress: (bytes: number) => void,
		signal: AbortSignal
	): Promise<void> {
		const piece: KeptPiece = draft.pieces[at]!;
		if (piece.uploads[part]) return;
		const file = (await this.store.db.files.get(fileKey(nonce, at, part)))?.blob;
		if (!file) throw new Failure('file_lost', 'The file is not on this device any more');
		try {
			piece.uploads[part] = await uploadFile(file, {
				name: piece.name,
				url: piece.urls[part],
				signal,
				onProgress,
				onUrl: (url) => {
					piece.urls[part] = url;
					void this.#keep(nonce, (kept) => ({ ...kept, draft }));
				}
			});
		} catch (error) {
			// The house does not know it any more (it kept it for a day): begin anew.
			if (error instanceof Failure && (error.status === 404 || error.status === 410) && piece.urls[part]) {
				piece.urls[part] = '';
				return this.#upload(nonce, draft, at, part, onProgress, signal);
			}
			throw error;
		}
		await this.#keep(nonce, (kept) => ({ ...kept, draft }));
	}

	/** Wait until the house has made a media. It tells; what was told during a cut is asked for. */
	#whenReady(media: string, progress: (percent: number) => void, signal: AbortSignal): Promise<void> {
		return new Promise<void>((resolve, reject) => {
			const end = (done: () => void) => {
				clearInterval(asking);
				this.#waiting.delete(media);
				done();
			};
			const settle = ({ state, reason }: MediaState) =>
				end(() => (state === 'ready' ? resolve() : reject(new Failure(`media_refused:${reason}`, 'This cannot be sent so'))));
			const ask = () =>
				request<MediaState>('GET', `/media/${media}`).then(
					(state) => (state.state === 'processing' ? progress(state.progress ?? 0) : settle(state)),
					(error: Failure) => {
						if (error.status === 404) end(() => reject(new Failure('media_refused:crashed', 'It is gone')));
					}
				);
			const asking = setInterval(() => void ask(), ASK_MS);
			this.#waiting.set(media, { progress, settle });
			signal.addEventListener('abort', () => end(() => reject(new Failure('cancelled', 'Cancelled'))));
			void ask();
		});
	}

	#fail(nonce: string, { code }: Failure): Promise<unknown> {
		return this.#keep(nonce, (item) => ({ ...item, failed: code }));
	}

	#keep(nonce: string, change: (item: OutboxItem) => OutboxItem): Promise<unknown> {
		return this.store.commit({ outbox: new Set([nonce]) }, (batch) => {
			const item = batch.outbox.get(nonce);
			if (item) batch.outbox.put(nonce, change(item));
		});
	}
}
