/** Where the player's bar stands: under the header of the open conversation, else where the shell has room for it. */

import { untrack } from 'svelte';

export const bar = $state({ conversations: 0 });

/** For an effect of a conversation on screen, which shows the bar itself; returns how to end it. */
export function hostsBar(): () => void {
	untrack(() => (bar.conversations += 1));
	return () => void (bar.conversations -= 1);
}
