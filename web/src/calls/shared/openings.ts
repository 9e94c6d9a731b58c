/** Microphone, camera and screen, opened as a call wants them. What is refused throws a `DeviceProblem`. */

import { closeDevice, DeviceProblem, openDevice } from '$src/chats/capture/devices';
import { devices } from './devices.svelte';

export { closeDevice, DeviceProblem, reasonOf, stayAwake, type DeviceReason } from '$src/chats/capture/devices';

/** Enough for a screenful; in groups senders scale it down. */
const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES_PER_S = 30;
const SCREEN_FRAMES_PER_S = 15;

/** The id to ask for; `ideal`, so that one that was pulled out does not end the call. */
const wish = (id: string): { deviceId?: ConstrainDOMString } => (id ? { deviceId: { ideal: id } } : {});

function only(stream: MediaStream, kind: 'audio' | 'video'): MediaStreamTrack {
	const track = stream.getTracks().find((one) => one.kind === kind);
	if (track) return track;
	closeDevice(stream);
	throw new DeviceProblem('none');
}

export async function openMicrophone(): Promise<MediaStreamTrack> {
	await devices.look();
	const sound = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
	const stream = await openDevice({ audio: { ...sound, ...wish(devices.chosen('audioinput')) } });
	// Labels are told only now.
	void devices.look();
	return only(stream, 'audio');
}

export type Facing = 'user' | 'environment';

/** `facing` is for those with a front and a back; without it the chosen one. */
export async function openCamera(facing?: Facing): Promise<MediaStreamTrack> {
	const chosen = devices.chosen('videoinput');
	const which = !facing && chosen ? wish(chosen) : { facingMode: facing ?? 'user' };
	const size = { width: { ideal: WIDTH }, height: { ideal: HEIGHT }, frameRate: { ideal: FRAMES_PER_S, max: FRAMES_PER_S } };
	const stream = await openDevice({ video: { ...which, ...size } });
	void devices.look();
	const track = only(stream, 'video');
	track.contentHint = 'motion';
	return track;
}

/** Can this browser show others what is on the screen? Phones cannot. */
export const sharesScreen = (): boolean => typeof navigator.mediaDevices?.getDisplayMedia === 'function';

/** Undefined when the person thought better of it. */
export async function openScreen(): Promise<MediaStreamTrack | undefined> {
	try {
		const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: SCREEN_FRAMES_PER_S } } });
		const track = only(stream, 'video');
		// Letters matter more than motion.
		track.contentHint = 'detail';
		return track;
	} catch {
		return undefined;
	}
}
