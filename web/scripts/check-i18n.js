/**
 * Fails unless every room says the same things in every language: the same keys and parameters, the plural forms that
 * each language has, and no `t('…')` in the source without its message (nor a message without its `t`).
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../src', import.meta.url));
const LOCALES = ['en', 'zh', 'ru'];
const PLURAL = /_(zero|one|two|few|many|other)$/;
const problems = [];

const files = readdirSync(root, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.isFile())
	.map((entry) => join(entry.parentPath ?? entry.path, entry.name));

function flatten(messages, prefix = '') {
	return Object.entries(messages).flatMap(([key, value]) =>
		typeof value === 'string' ? [[prefix + key, value]] : flatten(value, `${prefix}${key}.`)
	);
}

const params = (text) => [...text.matchAll(/\{\{\s*([\w.]+)/g)].map((match) => match[1]).sort().join();

const read = (room, locale) => flatten(JSON.parse(readFileSync(join(room, `${locale}.json`), 'utf8')));

/** Keys that have plural forms: English tells them by its `_one`, which no other key ends with. */
function pluralsOf(room) {
	const keys = read(room, 'en').map(([key]) => key);
	return new Set(keys.filter((key) => key.endsWith('_one')).map((key) => key.replace(PLURAL, '')));
}

/** Messages by base key (plural forms together): { forms: suffixes, params: the names used } */
function shape(room, locale, plurals) {
	const shapes = new Map();
	for (const [key, text] of read(room, locale)) {
		if (!text.trim()) problems.push(`${where(room)}/${locale}.json: ${key} is empty`);
		const isForm = plurals.has(key.replace(PLURAL, ''));
		const form = isForm ? (key.match(PLURAL)?.[1] ?? '') : '';
		const base = isForm ? key.replace(PLURAL, '') : key;
		const known = shapes.get(base) ?? { forms: [], params: '' };
		known.forms.push(form);
		// "One message" may leave the number out, so the fullest form speaks for the key.
		if (params(text).length >= known.params.length) known.params = params(text);
		shapes.set(base, known);
	}
	return shapes;
}

const where = (path) => relative(root, path).split(sep).join('/');
const rooms = [...new Set(files.filter((file) => /[\\/]i18n[\\/]\w+\.json$/.test(file)).map((file) => join(file, '..')))];
const known = new Map();

for (const room of rooms) {
	const namespace = where(room).split('/').at(-2);
	const shapes = {};
	for (const locale of LOCALES) {
		try {
			shapes[locale] = shape(room, locale, pluralsOf(room));
		} catch (error) {
			problems.push(`${where(room)}/${locale}.json: ${error.message}`);
			shapes[locale] = new Map();
		}
		const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
		for (const [key, { forms }] of shapes[locale]) {
			if (forms.length === 1 && forms[0] === '') continue;
			const missing = categories.filter((form) => !forms.includes(form));
			const extra = forms.filter((form) => !categories.includes(form));
			if (missing.length) problems.push(`${where(room)}/${locale}.json: ${key} lacks _${missing.join(', _')}`);
			if (extra.length) problems.push(`${where(room)}/${locale}.json: ${key} has _${extra.join(', _')} for nothing`);
		}
	}
	const everywhere = new Set(LOCALES.flatMap((locale) => [...shapes[locale].keys()]));
	for (const key of everywhere) {
		const lacking = LOCALES.filter((locale) => !shapes[locale].has(key));
		if (lacking.length) problems.push(`${where(room)}: ${key} is missing in ${lacking.join(', ')}`);
		const used = new Set(LOCALES.filter((l) => shapes[l].has(key)).map((l) => shapes[l].get(key).params));
		if (used.size > 1) problems.push(`${where(room)}: ${key} has different parameters: ${[...used].join(' / ')}`);
		if (known.has(`${namespace}.${key}`)) problems.push(`${namespace}.${key} stands in two rooms`);
		known.set(`${namespace}.${key}`, false);
	}
}

// Commands and events are named like keys (`wallet.set`).
const protocol = readFileSync(join(root, 'lib/engine/protocol.ts'), 'utf8');
const commands = new Set([...protocol.matchAll(/'([a-z]+\.\w+)'/g)].map(([, name]) => name));

const namespaces = new Set([...known.keys()].map((key) => key.split('.')[0]));
for (const file of files.filter((name) => /\.(svelte|ts)$/.test(name))) {
	const source = readFileSync(file, 'utf8');
	// Any string like 'room.key' counts as a use: keys are also kept in tables and passed on.
	for (const [, call, key] of source.matchAll(/(\bt\(\s*)?['"`]([a-z]\w*\.[\w.]+)['"`]/g)) {
		if (known.has(key)) known.set(key, true);
		else if (call || (namespaces.has(key.split('.')[0]) && !commands.has(key))) problems.push(`${where(file)}: no message for ${key}`);
	}
	for (const [, prefix] of source.matchAll(/`([a-z]\w*\.[\w.]*)\$\{/g)) {
		for (const key of known.keys()) if (key.startsWith(prefix)) known.set(key, true);
	}
}
for (const [key, used] of known) if (!used) problems.push(`${key}: nothing says it`);

for (const problem of problems) console.error(problem);
console.log(`${known.size} messages, ${LOCALES.join(' ')}: ${problems.length} problems`);
process.exitCode = problems.length ? 1 : 0;
