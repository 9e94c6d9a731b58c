/** The emoji this person used last, on this device. */

const STORED = 'teahouse.emoji';
const KEPT_MAX = 24;
export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏', '🎉', '👏', '🔥'];

export function recentEmoji(): string[] {
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
		return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === 'string') : [];
	} catch {
		return [];
	}
}

export function noteEmoji(emoji: string): void {
	try {
		const kept = [emoji, ...recentEmoji().filter((one) => one !== emoji)].slice(0, KEPT_MAX);
		localStorage.setItem(STORED, JSON.stringify(kept));
	} catch {
		// Storage is closed to us (private window): there is just no row of recent ones.
	}
}
