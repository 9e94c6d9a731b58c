/** Web Push: messages reach this device while no tab is open. */

import { request } from '$lib/api';

/** `denied`: the browser refuses notifications until the person allows them in its settings. */
export type PushState = 'unsupported' | 'off' | 'on' | 'denied';

class Push {
	state: PushState = $state('unsupported');

	/** Look at what the browser says now. */
	async refresh(): Promise<void> {
		if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis)) return;
		const registration = await navigator.serviceWorker.getRegistration();
		if (Notification.permission === 'denied') this.state = 'denied';
		else this.state = registration && (await registration.pushManager.getSubscription()) ? 'on' : 'off';
	}

	/**
	 * Ask the person, subscribe, and tell the house. To be called from a click.
	 * @throws {Failure} when the house cannot be reached or has no VAPID key.
	 */
	async enable(): Promise<void> {
		if ((await Notification.requestPermission()) !== 'granted') return this.refresh();
		const { vapid_key } = await request<{ vapid_key: string }>('GET', '/house');
		const registration = await navigator.serviceWorker.ready;
		const subscription = await registration.pushManager.subscribe({
			userVisibleOnly: true,
			applicationServerKey: vapid_key
		});
		await request('POST', '/push/subscriptions', subscription.toJSON());
		await this.refresh();
	}

	async disable(): Promise<void> {
		const registration = await navigator.serviceWorker?.getRegistration();
		const subscription = await registration?.pushManager?.getSubscription();
		if (subscription) {
			await subscription.unsubscribe();
			await request('DELETE', '/push/subscriptions');
		}
		await this.refresh();
	}
}

export const push = new Push();
