/**
 * Makes src/chats/emoji/emoji.json from Unicode's emoji-test.txt (https://unicode.org/Public/emoji/15.0/emoji-test.txt,
 * Unicode licence v3): `node scripts/make-emoji.mjs path/to/emoji-test.txt`. Skin tones and components are left out.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const groups = [];
for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
	const group = /^# group: (.+)$/.exec(line)?.[1];
	if (group) groups.push([group, []]);
	const match = /^[0-9A-F ]+; fully-qualified\s+# (\S+) E[\d.]+ (.+)$/.exec(line);
	if (match && !/skin tone/.test(match[2])) groups.at(-1)[1].push([match[1], match[2].replace(/^flag: /, '')]);
}
const keys = {
	'Smileys & Emotion': 'smileys',
	'People & Body': 'people',
	'Animals & Nature': 'nature',
	'Food & Drink': 'food',
	'Travel & Places': 'travel',
	Activities: 'activities',
	Objects: 'objects',
	Symbols: 'symbols',
	Flags: 'flags'
};
const kept = groups.filter(([name]) => keys[name]).map(([name, list]) => [keys[name], list]);
writeFileSync(new URL('../src/chats/emoji/emoji.json', import.meta.url), JSON.stringify(kept) + '\n');
