/**
 * What makes one look up when a call comes: the ring, a phone's vibration, the page's title, and a notification of the
 * system while the page is out of sight. Of the tabs of one browser one alone does it.
 */

import { t } from '$lib/i18n';
import { devices } from './devices.svelte';
import { play } from './tones';

const FLASH_MS = 1_000;
const VIBRATE_MS = [600, 300, 600, 1_700];
const VIBRATE_EVERY_MS = 3_200;

interface Calling {
	id: string;
	/** Who calls, or where. */
	name: string;
	chat: string;
	video: boolean;
}

/** Rings until the returned function is called; `began` is told when it is this tab that rings. */
export function ring(calling: Calling, began: () => void): () => void {
	const ends: (() => void)[] = [];
	const gone = new AbortController();
	const begin = () => {
		began();
		ends.push(play('ring', devices.chosen('audiooutput')), vibrate(), notify(calling));
	};
	ends.push(flashTitle(calling));
	if (navigator.locks) {
		// Held while it rings: when this tab is closed, the next one goes on.
		void navigator.locks
			.request(`teahouse.ring.${calling.id}`, { signal: gone.signal }, () => {
				begin();
				return new Promise<void>((resolve) => gone.signal.addEventListener('abort', () => resolve()));
			})
			.catch(() => {});
	} else begin();
	return () => {
		gone.abort();
		for (const end of ends.splice(0)) end();
	};
}

function flashTitle({ name, video }: Calling): () => void {
	const sign = video ? '🎥' : '📞';
	let own = document.title;
	const flash = () => {
		const rings = document.title.startsWith(sign);
		// The shell may have written another one meanwhile; the words of calls may come a moment later.
		if (!rings) own = document.title;
		document.title = rings ? own : `${sign} ${t('calls.titleRings', { name })}`;
	};
	flash();
	const timer = setInterval(flash, FLASH_MS);
	return () => {
		clearInterval(timer);
		if (document.title.startsWith(sign)) document.title = own;
	};
}

function vibrate(): () => void {
	// Before the first touch a browser only complains of it.
	const shake = () => navigator.userActivation?.hasBeenActive && navigator.vibrate?.(VIBRATE_MS);
	shake();
	const timer = setInterval(shake, VIBRATE_EVERY_MS);
	return () => {
		clearInterval(timer);
		if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(0);
	};
}

function notify({ id, name, chat, video }: Calling): () => void {
	if (document.visibilityState === 'visible' || globalThis.Notification?.permission !== 'granted') return () => {};
	const tag = `call-${id}`;
	const registered = navigator.serviceWorker?.getRegistration();
	void registered?.then((worker) =>
		worker?.showNotification(name, {
			body: t(video ? 'calls.videoComes' : 'calls.voiceComes'), tag, requireInteraction: true, icon: '/icon-192.png', data: { chat, seq: 0 }
		})
	);
	return () =>
		void registered?.then(async (worker) => (await worker?.getNotifications({ tag }))?.forEach((shown) => shown.close()));
}
