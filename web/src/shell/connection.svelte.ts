/** The connection as people should hear of it: nothing for a short cut, a quiet word for a longer one. */

import { untrack } from 'svelte';
import { engine } from '$lib/engine';

const QUIET_MS = 1500;
let shown = $state<'' | 'connecting' | 'offline'>('');

export const connection = {
	get trouble(): '' | 'connecting' | 'offline' {
		return shown;
	}
};

/** Call in a component: follows the engine for as long as it lives. */
export function followConnection(): void {
	$effect(() => {
		const status = engine.status;
		if (status === 'online') {
			shown = '';
		} else if (untrack(() => shown)) {
			shown = status;
		} else {
			const timer = setTimeout(() => (shown = status), QUIET_MS);
			return () => clearTimeout(timer);
		}
	});
}
