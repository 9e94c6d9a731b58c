/** Keys that work everywhere. Those of a conversation are in the conversation. */

export type Shortcut = 'search' | 'next' | 'previous' | 'help';

export const isTyping = (target: EventTarget | null): boolean =>
	target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
	if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
	if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') return 'search';
	if (event.altKey && !event.ctrlKey && !event.metaKey) {
		if (event.key === 'ArrowDown') return 'next';
		if (event.key === 'ArrowUp') return 'previous';
	}
	if (event.key === '?' && !event.ctrlKey && !event.metaKey && !isTyping(event.target)) return 'help';
	return;
}
