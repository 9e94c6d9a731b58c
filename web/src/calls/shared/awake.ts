/** Keeps the screen on until it is let go, also after the page was hidden for a while (the browser lets go then). */

import { stayAwake } from '$src/chats/capture/devices';

export function awake(): () => void {
	let release: (() => void) | undefined;
	let over = false;
	const hold = async () => {
		if (document.visibilityState !== 'visible') return;
		const held = await stayAwake();
		if (over) held();
		else {
			release?.();
			release = held;
		}
	};
	const seen = () => void hold();
	document.addEventListener('visibilitychange', seen);
	seen();
	return () => {
		over = true;
		document.removeEventListener('visibilitychange', seen);
		release?.();
	};
}
