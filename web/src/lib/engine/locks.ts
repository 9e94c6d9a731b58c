/** Tabs of one person take turns. Without locks, nonces alone keep what they send single. */

/** Work while no other tab does under this name. A `signal` ends the waiting, not the work. */
export async function alone(name: string, work: () => Promise<void>, signal?: AbortSignal): Promise<void> {
	if (!navigator.locks) return work();
	await navigator.locks.request(name, { signal }, work).catch((error: unknown) => {
		if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
	});
}
