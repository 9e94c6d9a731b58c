/** What the camera can take. */
export type Mode = 'photo' | 'video' | 'note';

export const MODES: readonly Mode[] = ['photo', 'video', 'note'];
export const VIDEO_MAX_MS = 10 * 60_000;
export const NOTE_MAX_MS = 60_000;
/** Whether stills are live photos is remembered on this device. */
export const LIVE_KEY = 'teahouse.camera.live';
