/** Uploads to the house: resumable (tus 1.0), one file each. */

import type { DetailedError, Upload } from 'tus-js-client';
import { Failure, failureOf, offline } from '$lib/api';

const ENDPOINT = '/api/v1/uploads';
/** In one request: small enough that a cut loses little on a bad network. */
const CHUNK_BYTES = 4 * 1024 * 1024;
const RETRY_DELAYS_MS = [0, 1_000, 3_000, 6_000, 12_000];
/** Refusals that pass by themselves. */
const PASSING = new Set([409, 423, 429, 503]);

export interface UploadOptions {
	name?: string;
	signal?: AbortSignal;
	/** Go on with an upload that was begun before. */
	url?: string;
	onProgress?: (sent: number) => void;
	/** Called once the upload has an address, before its bytes are sent. */
	onUrl?: (url: string) => void;
}

/**
 * Send a file, and return the id of the finished upload.
 * @throws {Failure} `offline` when the network is away for long (call again with the same `url`), or what the house said.
 */
export async function uploadFile(file: Blob, options: UploadOptions = {}): Promise<string> {
	const { Upload } = await import('tus-js-client');
	const { signal } = options;
	return new Promise<string>((resolve, reject) => {
		signal?.throwIfAborted();
		const upload: Upload = new Upload(file, {
			endpoint: ENDPOINT,
			uploadUrl: options.url ?? null,
			chunkSize: CHUNK_BYTES,
			retryDelays: RETRY_DELAYS_MS,
			storeFingerprintForResuming: false,
			removeFingerprintOnSuccess: true,
			metadata: { filename: options.name ?? '', filetype: file.type },
			onShouldRetry: (error) => {
				const status = error.originalResponse?.getStatus() ?? 0;
				return !signal?.aborted && (status === 0 || PASSING.has(status)) && navigator.onLine;
			},
			onUploadUrlAvailable: () => options.onUrl?.(upload.url ?? ''),
			onProgress: (sent) => options.onProgress?.(sent),
			onSuccess: () => resolve(idOf(upload.url ?? '')),
			onError: (error) => reject(failureFrom(error))
		});
		signal?.addEventListener('abort', () => {
			// What was sent is of no use to anybody any more.
			void upload.abort(true).catch(() => undefined);
			reject(new Failure('cancelled', 'Cancelled'));
		});
		upload.start();
	});
}

function idOf(url: string): string {
	return url.split('/').at(-1) ?? '';
}

function failureFrom(error: Error | DetailedError): Failure {
	const answer = 'originalResponse' in error ? error.originalResponse : null;
	const status = answer?.getStatus() ?? 0;
	if (!status) return offline();
	try {
		return failureOf(JSON.parse(answer?.getBody() ?? '') as object, status);
	} catch {
		return failureOf({}, status);
	}
}
