/** The service worker: the shell without network, pushes, and the badge on the app's icon. */

const RELOADED = 'teahouse.reloaded';
const RELOAD_EVERY_MS = 60_000;

/** A part of the page that is gone belongs to a version that was replaced meanwhile: take the new one, but not in circles. */
function takeNewVersion(event: Event): void {
	if (Date.now() - Number(sessionStorage.getItem(RELOADED)) < RELOAD_EVERY_MS) return;
	sessionStorage.setItem(RELOADED, String(Date.now()));
	event.preventDefault();
	location.reload();
}

/** Register it, bring a waiting new version in, and open the chat of a notification that was clicked. */
export async function startWorker(): Promise<void> {
	addEventListener('vite:preloadError', takeNewVersion);
	if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
	navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ type?: string; path?: string }>) => {
		if (data.type !== 'open' || !data.path) return;
		history.pushState(null, '', data.path);
		dispatchEvent(new PopStateEvent('popstate'));
	});
	const registration = await navigator.serviceWorker.register('/sw.js');
	if (!registration.waiting || !navigator.serviceWorker.controller) return;
	// Nothing was begun on this page yet: a good moment for the new version.
	navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
	registration.waiting.postMessage({ type: 'skip-waiting' });
}

export function showBadge(unread: number): void {
	const done = unread ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.();
	// Some browsers have the function and no place for a badge.
	done?.catch(() => undefined);
}

/** Take away the notifications of a chat that was read. */
export async function closeNotifications(chat: string): Promise<void> {
	const registration = await navigator.serviceWorker?.getRegistration();
	for (const shown of (await registration?.getNotifications()) ?? [])
		if ((shown.data as { chat?: string } | null)?.chat === chat) shown.close();
}
