/** Which microphone, speaker and camera calls use: chosen once, kept on this device. */

export type DeviceKind = 'audioinput' | 'audiooutput' | 'videoinput';
export interface Device {
	id: string;
	/** Empty until the person allowed devices to this page. */
	label: string;
}

const STORED = 'teahouse.calls.devices';
const NONE: Record<DeviceKind, Device[]> = { audioinput: [], audiooutput: [], videoinput: [] };

function stored(): Partial<Record<DeviceKind, string>> {
	try {
		return JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<Record<DeviceKind, string>>;
	} catch {
		return {};
	}
}

class Devices {
	#found = $state.raw(NONE);
	#chosen = $state.raw(stored());

	constructor() {
		navigator.mediaDevices?.addEventListener?.('devicechange', () => void this.look());
	}

	/** Read again what there is. */
	async look(): Promise<void> {
		const found: Record<DeviceKind, Device[]> = { audioinput: [], audiooutput: [], videoinput: [] };
		for (const { kind, deviceId, label } of (await navigator.mediaDevices?.enumerateDevices?.()) ?? [])
			// Chromium lists the system's choice again under a name of its own.
			if (deviceId && deviceId !== 'default' && deviceId !== 'communications') found[kind].push({ id: deviceId, label });
		this.#found = found;
	}

	of(kind: DeviceKind): Device[] {
		return this.#found[kind];
	}

	/** The id of the one that is chosen and there; empty for the system's. */
	chosen(kind: DeviceKind): string {
		const id = this.#chosen[kind] ?? '';
		return this.#found[kind].some((device) => device.id === id) ? id : '';
	}

	choose(kind: DeviceKind, id: string): void {
		this.#chosen = { ...this.#chosen, [kind]: id };
		try {
			localStorage.setItem(STORED, JSON.stringify(this.#chosen));
		} catch {
			// Storage is closed to us: the choice holds for this visit.
		}
	}
}

export const devices = new Devices();

/** Can this browser send sound to a chosen speaker? */
export const choosesSpeaker = typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype;

/** Let an element sound from the chosen speaker. A speaker that is gone leaves the system's. */
export function sinkTo(element: HTMLMediaElement, device: string): void {
	if (choosesSpeaker) void element.setSinkId(device).catch(() => {});
}
