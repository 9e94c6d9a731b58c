/** What the Avatar draws for somebody without a picture. */

/** Hues that keep white initials readable, muted like glazes. */
const glazes = ['#3f7f6c', '#8a6a1f', '#a1543f', '#4f6f9a', '#7a5a8c', '#5f7a35', '#98506f', '#3d7a86', '#86603f', '#5d63a0'];

export function glazeOf(id: string): string {
	let hash = 0;
	for (const char of id) hash = (hash * 31 + char.codePointAt(0)!) >>> 0;
	return glazes[hash % glazes.length]!;
}

/** One character for Chinese, Japanese and Korean names, two initials for others. */
export function initialsOf(name: string): string {
	const words = name.trim().split(/\s+/u).filter(Boolean);
	const first = [...(words[0] ?? '?')][0]!;
	if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(first)) return first;
	const second = words.length > 1 ? [...words[words.length - 1]!][0]! : '';
	return (first + (/\p{L}|\p{N}/u.test(second) ? second : '')).toLocaleUpperCase();
}

/** Pictures are immutable under their name; 96 px serves lists, 384 px serves profiles. */
export function pictureUrl(name: string, shownAt: number): string {
	return `/api/v1/pictures/${encodeURIComponent(name)}?size=${shownAt <= 48 ? 96 : 384}`;
}
