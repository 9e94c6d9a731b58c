/** Import a pack: send a zip, or the files of a folder, and wait until the house has made stickers of them. */

import { request } from '$lib/api';
import type { components } from '$lib/api/schema';
import { uploadFile } from '$lib/engine/uploads';

export type ImportState = Omit<components['schemas']['ImportState'], 'refused' | 'fits'> & {
	refused?: components['schemas']['RefusedFile'][];
	fits?: ('telegram' | 'wechat')[];
};

export interface Step {
	stage: 'uploading' | 'making';
	/** 0 to 1. */
	done: number;
}

const ASK_MS = 350;
/** A pack of 200 and what is said beside it. */
export const FILES_MAX = 220;
const STICKERS = /\.(webp|a?png|gif|json|tgs|webm|jpe?g|avif|heic|txt)$/i;

/** The files of a folder that may be stickers, or say something of them. */
export function usable(files: Iterable<File>): File[] {
	return [...files].filter((file) => STICKERS.test(file.name) && !file.name.startsWith('.')).slice(0, FILES_MAX);
}

/** @throws {Failure} when the house refuses or the network is away. */
export async function importPack(files: File[], ontold: (step: Step) => void, signal: AbortSignal): Promise<ImportState> {
	const total = files.reduce((sum, file) => sum + file.size, 0) || 1;
	let before = 0;
	const listed: { upload: string; name: string }[] = [];
	for (const file of files) {
		const upload = await uploadFile(file, {
			name: file.name,
			signal,
			onProgress: (sent) => ontold({ stage: 'uploading', done: (before + sent) / total })
		});
		before += file.size;
		listed.push({ upload, name: file.webkitRelativePath || file.name });
	}
	let state = await request<ImportState>('POST', '/stickers/packs/import', { files: listed, name: '' });
	while (state.state === 'processing') {
		ontold({ stage: 'making', done: (state.done ?? 0) / (state.total || 1) });
		await new Promise((resolve) => setTimeout(resolve, ASK_MS));
		signal.throwIfAborted();
		state = await request<ImportState>('GET', `/stickers/imports/${state.id}`);
	}
	return state;
}
