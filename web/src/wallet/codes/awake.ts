/** Keeps the screen lit while a code is shown, where the browser can; returns how to let it sleep again. */
export function keepAwake(): () => void {
	let lock: WakeLockSentinel | undefined;
	let over = false;

	async function hold() {
		if (over || document.hidden || !('wakeLock' in navigator)) return;
		try {
			lock = await navigator.wakeLock.request('screen');
			if (over) void lock.release();
		} catch {
			// A battery that is low, or a page that lost its place: the code shows all the same.
		}
	}

	// The browser lets go of it whenever the page is hidden.
	document.addEventListener('visibilitychange', hold);
	void hold();
	return () => {
		over = true;
		document.removeEventListener('visibilitychange', hold);
		void lock?.release().catch(() => {});
	};
}
