/** The contact list in sections: by first letter, Chinese names under the letter of their pinyin. */

import type { Contact } from '$lib/engine/types';

export interface Section {
	letter: string;
	contacts: Contact[];
}

/**
 * The first Chinese character of each letter in the pinyin order of CLDR (no word starts with i, u or v).
 * A character belongs to the last of these that does not come after it.
 */
const PINYIN_FIRST = '阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥仨他屲夕丫帀';
const PINYIN_LETTERS = 'ABCDEFGHJKLMNOPQRSTWXYZ';

const pinyin = new Intl.Collator('zh-u-co-pinyin');
// Without the pinyin order (a browser with little data for languages) all of them stand under #.
const knowsPinyin = Array.from(PINYIN_FIRST).every((first, index, all) => {
	const before = all[index - 1];
	return before === undefined || pinyin.compare(before, first) < 0;
});

function pinyinLetter(character: string): string {
	if (!knowsPinyin) return '#';
	let letter = '#';
	for (const [index, first] of Array.from(PINYIN_FIRST).entries()) {
		if (pinyin.compare(first, character) > 0) break;
		letter = PINYIN_LETTERS[index] ?? '#';
	}
	return letter;
}

export function letterOf(name: string, tag: string): string {
	const first = Array.from(name.trim())[0] ?? '';
	if (/\p{Script=Han}/u.test(first)) return pinyinLetter(first);
	if (!/\p{L}/u.test(first)) return '#';
	// É stands under E, but Й and Ё are letters of their own alphabet's order.
	const base = /\p{Script=Latin}/u.test(first) ? first.normalize('NFD').charAt(0) : first;
	return base.toLocaleUpperCase(tag);
}

export const shownName = (contact: Contact): string => contact.remark || contact.person.name;

export function sections(contacts: Contact[], tag: string): Section[] {
	const collator = new Intl.Collator(tag, { sensitivity: 'base', numeric: true });
	const groups = new Map<string, Contact[]>();
	for (const contact of contacts) {
		const letter = letterOf(shownName(contact), tag);
		const group = groups.get(letter);
		if (group) group.push(contact);
		else groups.set(letter, [contact]);
	}
	const byName = (a: Contact, b: Contact) => {
		// Within a section, Chinese names follow pinyin whatever the language of the page is.
		const order = knowsPinyin && /\p{Script=Han}/u.test(shownName(a) + shownName(b)) ? pinyin : collator;
		return order.compare(shownName(a), shownName(b)) || a.person.handle.localeCompare(b.person.handle);
	};
	return [...groups]
		.map(([letter, group]) => ({ letter, contacts: group.sort(byName) }))
		.sort((a, b) => Number(a.letter === '#') - Number(b.letter === '#') || collator.compare(a.letter, b.letter));
}

/** Case and accents apart: "zoe" finds "Zoë". */
const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

export function matches(contact: Contact, query: string): boolean {
	const wanted = folded(query.trim()).replace(/^@/, '');
	const { person, remark = '', labels = [] } = contact;
	return [remark, person.name, person.handle, ...labels].some((text) => folded(text).includes(wanted));
}

export function allLabels(contacts: Contact[], tag: string): string[] {
	const collator = new Intl.Collator(tag);
	return [...new Set(contacts.flatMap((contact) => contact.labels ?? []))].sort(collator.compare);
}
