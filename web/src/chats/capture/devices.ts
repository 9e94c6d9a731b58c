/** Microphones and cameras: asked for, and why there is none when there is none. */

export type DeviceReason = 'insecure' | 'unsupported' | 'denied' | 'none' | 'busy';

export class DeviceProblem extends Error {
	constructor(readonly reason: DeviceReason) {
		super(reason);
	}
}

const REASONS: Record<string, DeviceReason> = {
	NotAllowedError: 'denied',
	SecurityError: 'denied',
	NotFoundError: 'none',
	OverconstrainedError: 'none',
	NotReadableError: 'busy',
	AbortError: 'busy'
};

/** Asks the person the first time. Throws a `DeviceProblem`. */
export async function openDevice(constraints: MediaStreamConstraints): Promise<MediaStream> {
	if (!navigator.mediaDevices?.getUserMedia) throw new DeviceProblem(isSecureContext ? 'unsupported' : 'insecure');
	if (typeof MediaRecorder === 'undefined') throw new DeviceProblem('unsupported');
	try {
		return await navigator.mediaDevices.getUserMedia(constraints);
	} catch (error) {
		throw new DeviceProblem((error instanceof DOMException && REASONS[error.name]) || 'none');
	}
}

export const reasonOf = (problem: unknown): DeviceReason => (problem instanceof DeviceProblem ? problem.reason : 'none');

/** Ends its tracks, and with them the browser's sign that something is recorded. */
export function closeDevice(stream: MediaStream | undefined): void {
	stream?.getTracks().forEach((track) => track.stop());
}

/** The first type that this browser records; empty where it chooses itself. */
export function recordable(types: readonly string[]): string {
	return types.find((type) => MediaRecorder.isTypeSupported(type)) ?? '';
}

/** Keeps the screen on until it is let go; does nothing where that cannot be. */
export async function stayAwake(): Promise<() => void> {
	try {
		const lock = await navigator.wakeLock.request('screen');
		return () => void lock.release().catch(() => {});
	} catch {
		return () => {};
	}
}
