/**
 * The chosen language. Messages live beside their room (`src/<room>/i18n/<locale>.json`, the room's folder is the
 * namespace); `t` finds them by `room.key`, and whatever calls `t` in a component follows a change of language.
 */

import { createInstance, type TOptions } from 'i18next';

/** Shipped languages with their own names; the order is that of the picker. */
export const LOCALES = { en: 'English', zh: '简体中文', ru: 'Русский' } as const;
export type Locale = keyof typeof LOCALES;

/** BCP 47 tags for <html lang>: Chinese is written in simplified characters. */
const TAGS: Record<Locale, string> = { en: 'en', zh: 'zh-Hans', ru: 'ru' };
const STORED = 'teahouse.locale';
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur']);

type Bundles = Record<string, Record<string, unknown>>;
const loaders: Record<Locale, () => Promise<{ default: Bundles }>> = {
	en: () => import('./messages/en'),
	zh: () => import('./messages/zh'),
	ru: () => import('./messages/ru')
};
const laterLoaders: typeof loaders = {
	en: () => import('./messages/en-later'),
	zh: () => import('./messages/zh-later'),
	ru: () => import('./messages/ru-later')
};

const i18next = createInstance();
void i18next.init({
	initAsync: false,
	lng: 'en',
	fallbackLng: 'en',
	resources: {},
	ns: [],
	nsSeparator: false,
	// Svelte escapes what it shows.
	interpolation: { escapeValue: false },
	returnNull: false
});

const loaded = new Map<unknown, Promise<void>>();
/** Whether the rooms that few visits need were asked for: then they speak every language that is chosen. */
let later = false;
let chosen = $state<Locale>('en');
/** For Intl; found once, for a list asks it thousands of times. */
let chosenTag = $state('en');
/** Goes up when messages arrive, so that what is already on screen is written again. */
let version = $state(0);

function fetchBundles(name: Locale, from: typeof loaders): Promise<void> {
	const bring = from[name];
	let loading = loaded.get(bring);
	if (!loading) {
		loading = bring().then(
			({ default: bundles }) => {
				for (const [path, messages] of Object.entries(bundles)) {
					i18next.addResourceBundle(name, path.split('/').at(-3) ?? '', messages);
				}
				version += 1;
			},
			(error) => {
				loaded.delete(bring);
				throw error;
			}
		);
		loaded.set(bring, loading);
	}
	return loading;
}

async function load(name: Locale): Promise<void> {
	await Promise.all([fetchBundles(name, loaders), later && fetchBundles(name, laterLoaders)]);
}

/** Fetch the words of the rooms that few visits need, if they are not here; from then on they follow the language. */
export function laterWords(): Promise<void> {
	later = true;
	return load(chosen);
}

export function isLocale(name: string): name is Locale {
	return Object.hasOwn(LOCALES, name);
}

function stored(): string {
	try {
		return localStorage.getItem(STORED) ?? '';
	} catch {
		return '';
	}
}

function detect(): Locale {
	for (const tag of [stored(), ...navigator.languages]) {
		const base = tag.toLowerCase().split('-')[0] ?? '';
		if (isLocale(base)) return base;
	}
	return 'en';
}

/** The tag for Intl: the person's own regional form of the language (en-GB writes dates otherwise than en-US). */
function regionalTag(name: Locale): string {
	const script = new Intl.Locale(TAGS[name]).maximize().script;
	const own = navigator.languages.find((tag) => {
		try {
			const wanted = new Intl.Locale(tag).maximize();
			return wanted.language === name && wanted.script === script;
		} catch {
			return false;
		}
	});
	return own ?? TAGS[name];
}

/** `?dir=rtl` mirrors the page in any language until it is loaded again, so that the layout can be tried. */
const askedDirection = new URLSearchParams(location.search).get('dir');

function direction(name: Locale): 'ltr' | 'rtl' {
	if (askedDirection === 'rtl' || askedDirection === 'ltr') return askedDirection;
	return RIGHT_TO_LEFT.has(name) ? 'rtl' : 'ltr';
}

async function use(name: Locale): Promise<void> {
	await load(name);
	await i18next.changeLanguage(name);
	chosen = name;
	chosenTag = regionalTag(name);
	version += 1;
	document.documentElement.lang = TAGS[name];
	document.documentElement.dir = direction(name);
}

/** Reads the stored or the browser's language and fetches its messages: await it before the first screen. */
export function startI18n(): Promise<void> {
	return use(detect());
}

export async function setLocale(name: Locale): Promise<void> {
	await use(name);
	try {
		localStorage.setItem(STORED, name);
	} catch {
		// Storage is closed to us (private window): the choice holds for this visit.
	}
}

export const locale = {
	/** The language of the messages. */
	get current(): Locale {
		return chosen;
	},
	/** The tag for Intl formatters. */
	get tag(): string {
		return chosenTag;
	},
	get dir(): 'ltr' | 'rtl' {
		return direction(chosen);
	}
};

/** The message of `room.key` in the chosen language; `{ count }` chooses the plural form. */
export function t(key: string, params?: TOptions): string {
	void version;
	const dot = key.indexOf('.');
	const ns = key.slice(0, dot);
	const rest = key.slice(dot + 1);
	// Of a room that comes later: said once its words are here.
	if (!i18next.hasResourceBundle(chosen, ns)) {
		if (!later) void laterWords().catch(() => {});
		return '';
	}
	// A key that one language lacks is shown in English, which is fetched only then.
	if (chosen !== 'en' && !i18next.exists(rest, { ...params, ns, fallbackLng: [] })) void load('en').catch(() => {});
	return String(i18next.t(rest, { ...params, ns }));
}
