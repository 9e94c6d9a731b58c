/** Where the player's bar stands: under the header of the open conversation, else where the shell has room for it. */

export const bar = $state({ conversations: 0 });

/** A conversation is on screen and shows the bar itself; returns how to end it. */
export function hostsBar(): () => void {
	bar.conversations += 1;
	return () => void (bar.conversations -= 1);
}
