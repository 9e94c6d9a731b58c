/**
 * The simple marks of a text: *bold*, _italic_, ~struck~, `code`, ```block```, > quote, links and @mentions.
 * Pure and linear in the length of the text; the result is data, and Formatted.svelte draws it without any HTML strings.
 */

export type Inline =
	| { type: 'text'; text: string }
	| { type: 'bold'; inside: Inline[] }
	| { type: 'italic'; inside: Inline[] }
	| { type: 'struck'; inside: Inline[] }
	| { type: 'code'; text: string }
	| { type: 'link'; text: string; href: string }
	| { type: 'mention'; handle: string };

export type Block = { type: 'text' | 'quote'; inside: Inline[] } | { type: 'code'; text: string };

const MARKS = { '*': 'bold', _: 'italic', '~': 'struck' } as const;
type Mark = keyof typeof MARKS;

/** A letter or digit of a script that puts spaces between words: a mark beside one is part of the word (2*3, a_b). */
const WORD = /[^\P{L}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|\p{N}/u;
const START = /[*_~`@]|https?:\/\/|www\./gi;
const LINK = /^(?:https?:\/\/|www\.)[^\s<>"'`，。；：！？、（）【】《》「」『』“”‘’]+/i;
const MENTION = /^@([a-z][a-z0-9_]{2,31})(?![a-z0-9_])/;

const isWord = (char: string | undefined) => char !== undefined && WORD.test(char);
const isSpace = (char: string | undefined) => char === undefined || /\s/.test(char);

/** Links end before the punctuation of the sentence; a closing bracket belongs to them only if it was opened in them. */
function trimLink(link: string): string {
	for (;;) {
		const last = link.at(-1)!;
		if (/[.,;:!?*_~]/.test(last)) link = link.slice(0, -1);
		else if (last === ')' && link.split('(').length < link.split(')').length) link = link.slice(0, -1);
		else if (last === ']' && !link.includes('[')) link = link.slice(0, -1);
		else return link;
	}
}

/** An address that may be followed: http and https only. */
export function safeHref(link: string): string | undefined {
	try {
		const url = new URL(/^www\./i.test(link) ? `https://${link}` : link);
		return /^https?:$/.test(url.protocol) && url.hostname.length > 0 ? url.href : undefined;
	} catch {
		return undefined;
	}
}

function closing(text: string, mark: string, from: number, end: number): number {
	for (let at = text.indexOf(mark, from + 1); at > 0 && at < end; at = text.indexOf(mark, at + 1)) {
		if (!isSpace(text[at - 1]) && text[at - 1] !== mark && !isWord(text[at + 1])) return at;
	}
	return -1;
}

function inlineOf(text: string, outer = ''): Inline[] {
	const found: Inline[] = [];
	/** Marks that have no end any more: looking for it again from every later one would be quadratic. */
	const unclosed = new Set<string>();
	let done = 0;
	const add = (upTo: number, token: Inline, next: number) => {
		if (upTo > done) found.push({ type: 'text', text: text.slice(done, upTo) });
		found.push(token);
		done = next;
		// Inner calls share the expression's position, so it is set again after each of them.
		START.lastIndex = next;
	};
	START.lastIndex = 0;
	for (let match = START.exec(text); match; match = START.exec(text)) {
		const at = match.index;
		const sign = match[0];
		if (isWord(text[at - 1])) continue;
		if (sign === '`') {
			const end = text.indexOf('`', at + 1);
			if (end > at + 1) add(at, { type: 'code', text: text.slice(at + 1, end) }, end + 1);
		} else if (sign === '@') {
			const handle = MENTION.exec(text.slice(at, at + 34))?.[1];
			if (handle) add(at, { type: 'mention', handle }, at + 1 + handle.length);
		} else if (sign in MARKS) {
			if (outer.includes(sign) || unclosed.has(sign) || isSpace(text[at + 1]) || text[at + 1] === sign) continue;
			const newline = text.indexOf('\n', at);
			const end = closing(text, sign, at, newline < 0 ? text.length : newline);
			if (end > 0) {
				const inside = inlineOf(text.slice(at + 1, end), outer + sign);
				add(at, { type: MARKS[sign as Mark], inside } as Inline, end + 1);
			} else if (newline < 0) {
				unclosed.add(sign);
			}
		} else {
			const link = trimLink(LINK.exec(text.slice(at, at + 2048))?.[0] ?? sign);
			const href = link.length > sign.length ? safeHref(link) : undefined;
			if (href) add(at, { type: 'link', text: link, href }, at + link.length);
		}
	}
	if (done < text.length) found.push({ type: 'text', text: text.slice(done) });
	return found;
}

function proseOf(text: string): Block[] {
	const blocks: Block[] = [];
	let lines: string[] = [];
	let quoted = false;
	const flush = () => {
		const joined = lines.join('\n');
		if (joined.trim()) blocks.push({ type: quoted ? 'quote' : 'text', inside: inlineOf(joined) });
		lines = [];
	};
	for (const line of text.split('\n')) {
		const isQuote = /^>\s?\S/.test(line);
		if (isQuote !== quoted) {
			flush();
			quoted = isQuote;
		}
		lines.push(isQuote ? line.replace(/^>\s?/, '') : line);
	}
	flush();
	return blocks;
}

export function blocksOf(text: string): Block[] {
	const blocks: Block[] = [];
	let done = 0;
	for (let start = text.indexOf('```'); start >= 0; start = text.indexOf('```', done)) {
		const end = text.indexOf('```', start + 3);
		if (end < 0) break;
		const code = text.slice(start + 3, end).replace(/^\n|\n$/g, '');
		if (!code) break;
		blocks.push(...proseOf(text.slice(done, start).replace(/\n$/, '')), { type: 'code', text: code });
		done = end + 3;
		if (text[done] === '\n') done += 1;
	}
	return [...blocks, ...proseOf(text.slice(done))];
}

/** The text without its marks, for where it is shown on one line. */
export function plainOf(text: string): string {
	const flat = (inside: Inline[]): string =>
		inside.map((token) => ('inside' in token ? flat(token.inside) : 'text' in token ? token.text : `@${token.handle}`)).join('');
	return blocksOf(text)
		.map((block) => (block.type === 'code' ? block.text : flat(block.inside)))
		.join(' ');
}

/** The handles named in a text, each once. */
export function handlesIn(text: string): string[] {
	const named = new Set<string>();
	const visit = (inside: Inline[]) => {
		for (const token of inside) {
			if (token.type === 'mention') named.add(token.handle);
			else if ('inside' in token) visit(token.inside);
		}
	};
	for (const block of blocksOf(text)) if (block.type !== 'code') visit(block.inside);
	return [...named];
}

/** The first link of a text, as it is written there. */
export function firstLink(text: string): string | undefined {
	const visit = (inside: Inline[]): string | undefined => {
		for (const token of inside) {
			if (token.type === 'link') return token.text;
			const found = 'inside' in token ? visit(token.inside) : undefined;
			if (found) return found;
		}
		return undefined;
	};
	for (const block of blocksOf(text)) {
		const found = block.type === 'code' ? undefined : visit(block.inside);
		if (found) return found;
	}
	return undefined;
}

const segmenter = new Intl.Segmenter();
const EMOJI = /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3)/u;

/** How many emoji the text is made of, when it is nothing but one to three of them; else 0. */
export function bigEmoji(text: string): number {
	const bare = text.replace(/\s/g, '');
	if (!bare || bare.length > 64) return 0;
	const parts = [...segmenter.segment(bare)];
	return parts.length <= 3 && parts.every(({ segment }) => EMOJI.test(segment)) ? parts.length : 0;
}
