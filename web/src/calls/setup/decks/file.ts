/** A price list's file, read on this device as text. */

export const FILE_BYTES_MAX = 5_000_000;
export const NAME_LENGTH_MAX = 60;

export interface DeckFile {
	name: string;
	text: string;
	/** Its lines, the header with them. */
	lines: number;
	/** The first ones. */
	begins: string[];
}

const SHOWN = 4;
const SHOWN_LENGTH_MAX = 120;

/** @throws {Error} whose message is the key of what is wrong. */
export async function readDeckFile(file: File): Promise<DeckFile> {
	if (file.size > FILE_BYTES_MAX) throw new Error('lines.file_large');
	let text: string;
	try {
		text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
	} catch {
		throw new Error('lines.file_not_text');
	}
	// A spreadsheet's own format, renamed: zeroes are in no CSV.
	if (text.includes('\0')) throw new Error('lines.file_not_text');
	if (!text.trim()) throw new Error('lines.file_empty');
	const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim());
	return { name: file.name, text, lines: lines.length, begins: lines.slice(0, SHOWN).map((line) => line.slice(0, SHOWN_LENGTH_MAX)) };
}

/** What a list is called until somebody says otherwise. */
export const nameOf = (fileName: string): string => fileName.replace(/\.\w{1,5}$/, '').replace(/[_-]+/g, ' ').trim().slice(0, NAME_LENGTH_MAX);
