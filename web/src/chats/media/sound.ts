/** One thing at a time is heard: whoever begins hushes whoever was heard before. */

let hush: (() => void) | undefined;

/** `own` ends one's own sound; it is called when something else begins, and never after `leaveSound`. */
export function takeSound(own: () => void): void {
	if (hush !== own) hush?.();
	hush = own;
}

export function leaveSound(own: () => void): void {
	if (hush === own) hush = undefined;
}
