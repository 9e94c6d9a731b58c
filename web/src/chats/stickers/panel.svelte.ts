/** What this person has at hand of stickers, as the house keeps it: read when it is first needed, and again when opened. */

import { request } from '$lib/api';
import type { components } from '$lib/api/schema';
import { engine } from '$lib/engine';
import type { StickerCard } from '$lib/engine/types';
import { locale } from '$lib/i18n';
import { emojiOf, plain } from './emoji';

type Schemas = components['schemas'];
export type Pack = Omit<Schemas['Pack'], 'stickers'> & { stickers: PackSticker[] };
export type PackSticker = Omit<Schemas['PackSticker'], 'keywords'> & { keywords: string[] };
export interface Panel {
	packs: Pack[];
	favourites: StickerCard[];
	recents: StickerCard[];
}

const RECENTS_MAX = 40;
const FOUND_MAX = 80;

class Stickers {
	#panel = $state.raw<Panel>();
	#person = '';
	#reading: Promise<void> | undefined;

	/** Undefined until it was read once; of somebody else it never is. */
	get panel(): Panel | undefined {
		const panel = this.#panel;
		return this.#person === engine.me?.person.id ? panel : undefined;
	}

	constructor() {
		// Changed on another device: only who has looked at it already is shown the news.
		engine.listen('stickers.changed', () => {
			if (this.panel) void this.read().catch(() => undefined);
		});
	}

	/** Read it anew. @throws {Failure} */
	read(): Promise<void> {
		this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
		return this.#reading;
	}

	/** Read it, if it was not yet; nobody is told when the network is away. */
	warm(): void {
		if (!this.panel) void this.read().catch(() => undefined);
	}

	isFavourite(sticker: string): boolean {
		return !!this.panel?.favourites.some(({ id }) => id === sticker);
	}

	has(pack: string): boolean {
		return !!this.panel?.packs.some(({ id }) => id === pack);
	}

	/** What it shows, in the language of the person where the pack says it so. */
	labelOf(card: StickerCard): string {
		const known = this.panel?.packs.find(({ id }) => id === card.pack)?.stickers.find(({ id }) => id === card.id);
		return known?.labels?.[locale.current] || card.label || card.emoji || '';
	}

	/** Stickers of the panel that say one emoji, those used last first. */
	saying(emoji: string): StickerCard[] {
		const panel = this.panel;
		if (!panel) return [];
		const wanted = plain(emoji);
		const all = [...panel.recents, ...panel.favourites, ...panel.packs.flatMap((pack) => pack.stickers)];
		return unique(all.filter((card) => emojiOf(card).some((one) => plain(one) === wanted))).slice(0, FOUND_MAX);
	}

	/** Stickers whose words begin with each of these, or that say this emoji. */
	found(query: string): StickerCard[] {
		const words = query.toLowerCase().split(/\s+/).filter(Boolean);
		const all = this.panel?.packs.flatMap((pack) => pack.stickers) ?? [];
		const fits = (sticker: PackSticker) => {
			const known = [...(sticker.keywords ?? []), sticker.label ?? '', ...Object.values(sticker.labels ?? {})].flatMap((text) => [
				text.toLowerCase(),
				...text.toLowerCase().split(/\s+/)
			]);
			const emoji = emojiOf(sticker).map(plain);
			return words.every((word) => emoji.includes(plain(word)) || known.some((one) => one.startsWith(word)));
		};
		return unique(all.filter(fits)).slice(0, FOUND_MAX);
	}

	async favour(card: StickerCard, on: boolean): Promise<void> {
		await engine.command(on ? 'sticker.favour' : 'sticker.unfavour', { sticker: card.id });
		this.#change(({ favourites, ...rest }) => ({
			...rest,
			favourites: on ? unique([card, ...favourites]) : favourites.filter(({ id }) => id !== card.id)
		}));
	}

	/** Shown at once; the house keeps it for the other devices. */
	used(card: StickerCard): void {
		this.#change(({ recents, ...rest }) => ({ ...rest, recents: unique([card, ...recents]).slice(0, RECENTS_MAX) }));
		void engine.command('sticker.used', { sticker: card.id }).catch(() => undefined);
	}

	async install(pack: string, on: boolean): Promise<void> {
		await engine.command(on ? 'sticker.install' : 'sticker.uninstall', { pack });
		await this.read();
	}

	async #read(): Promise<void> {
		const person = engine.me?.person.id ?? '';
		const panel = await request<Panel>('GET', '/stickers/panel');
		if (person !== engine.me?.person.id) return;
		this.#person = person;
		this.#panel = panel;
	}

	#change(change: (panel: Panel) => Panel): void {
		if (this.panel) this.#panel = change(this.panel);
	}
}

function unique(cards: StickerCard[]): StickerCard[] {
	return [...new Map([...cards].reverse().map((card) => [card.id, card])).values()].reverse();
}

export const stickers = new Stickers();

/** @throws {Failure} `not_found` when it was taken away. */
export function readPack(id: string): Promise<Pack> {
	return request<Pack>('GET', `/stickers/packs/${encodeURIComponent(id)}`);
}
