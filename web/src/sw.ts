/** The service worker: the shell without network, pushes as notifications, and the badge on the app's icon. */

import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

/** What the house sends to a device that no live connection reaches. */
interface Pushed {
	title: string;
	body: string;
	chat: string;
	seq: number;
	/** Notifications with the same tag replace each other. */
	tag: string;
	/** All that is unread; not told with a call. */
	badge?: number;
	/** The id of a call: it rings, or what rang is over. */
	call?: string;
	rings?: boolean;
	missed?: boolean;
}

const RING_MS = [600, 300, 600, 1_700, 600, 300, 600];

cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST);
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [/^\/(api|health|metrics)\b/] }));

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', ({ data }: ExtendableMessageEvent) => {
	if ((data as { type?: string } | null)?.type === 'skip-waiting') void self.skipWaiting();
});

self.addEventListener('push', (event) => {
	const pushed = event.data?.json() as Pushed | undefined;
	if (pushed) event.waitUntil(show(pushed));
});

self.addEventListener('notificationclick', (event) => {
	event.notification.close();
	event.waitUntil(open((event.notification.data as { path: string }).path));
});

self.addEventListener('pushsubscriptionchange', (event) => {
	(event as ExtendableEvent).waitUntil(subscribeAgain(event as Event & { oldSubscription?: PushSubscription }));
});

/** Where a notification leads; that of a telephone has no chat. */
function pathOf({ chat, call }: Pushed): string {
	if (chat) return `/chats/${chat}`;
	return call ? '/discover/calls' : '/';
}

async function show(pushed: Pushed): Promise<void> {
	if (pushed.call) return showCall(pushed);
	const { title, body, tag, badge } = pushed;
	const path = pathOf(pushed);
	const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
	const isRead = windows.some(
		(client) => client.visibilityState === 'visible' && new URL(client.url).pathname.startsWith(path)
	);
	if (badge !== undefined) await self.navigator.setAppBadge?.(badge).catch(() => undefined);
	if (isRead) return close(tag);
	const options: NotificationOptions & { renotify: boolean } = {
		body, tag, renotify: true, icon: '/icon-192.png', badge: '/icon-192.png', data: { path }
	};
	await self.registration.showNotification(title, options);
}

/** A call's notification stays until somebody acts; what comes later under its tag takes its place. */
async function showCall(pushed: Pushed): Promise<void> {
	const { title, body, tag, rings, missed } = pushed;
	const options: NotificationOptions & { renotify: boolean; vibrate?: number[] } = {
		body, tag, renotify: !!(rings || missed), requireInteraction: !!rings, silent: !rings && !missed,
		icon: '/icon-192.png', badge: '/icon-192.png', data: { path: pathOf(pushed) }, ...(rings && { vibrate: RING_MS })
	};
	await self.registration.showNotification(title, options);
	// Answered or declined elsewhere: browsers want each push to show something, if only for a moment.
	if (!rings && !missed) await close(tag);
}

async function close(tag: string): Promise<void> {
	for (const shown of await self.registration.getNotifications({ tag })) shown.close();
}

async function open(path: string): Promise<void> {
	const [client] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
	if (!client) {
		await self.clients.openWindow(path);
		return;
	}
	await client.focus();
	client.postMessage({ type: 'open', path });
}

/** The browser changed the subscription by itself: the house is told of the new one. */
async function subscribeAgain({ oldSubscription }: { oldSubscription?: PushSubscription }): Promise<void> {
	if (!oldSubscription) return;
	const subscription = await self.registration.pushManager.subscribe(oldSubscription.options);
	await fetch('/api/v1/push/subscriptions', {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify(subscription.toJSON()),
		signal: AbortSignal.timeout(15_000)
	});
}
