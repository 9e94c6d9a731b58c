/** What the phone's lock screen, the headset's buttons and the keyboard's media keys know of what plays. */

import { engine } from '$lib/engine';
import type { ShownMessage } from '$lib/engine/contract';
import { t } from '$lib/i18n';

const SKIP_MS = 10_000;

interface Progress {
	playing: boolean;
	/** Milliseconds. */
	time: number;
	duration: number;
	speed: number;
}

interface Controls {
	readonly time: number;
	resume(): void;
	pause(): void;
	close(): void;
	seek(time: number): void;
	next(): void;
	previous(): void;
}

let told = '';

export function tellSession(message: ShownMessage, { playing, time, duration, speed }: Progress, controls: Controls): void {
	const session = navigator.mediaSession;
	if (!session) return;
	const about = `${message.chat}/${message.key}`;
	if (told !== about) {
		told = about;
		session.metadata = new MediaMetadata({
			title: t(message.content.kind === 'voice' ? 'chats.voiceMessage' : 'chats.voiceNote'),
			artist: message.mine ? t('chats.you') : engine.nameOf(message.sender),
			album: engine.chat(message.chat)?.title ?? ''
		});
		const on = (action: MediaSessionAction, run: MediaSessionActionHandler) => {
			try {
				session.setActionHandler(action, run);
			} catch {
				// An action that this browser does not know.
			}
		};
		on('play', () => controls.resume());
		on('pause', () => controls.pause());
		on('stop', () => controls.close());
		on('nexttrack', () => controls.next());
		on('previoustrack', () => controls.previous());
		on('seekbackward', (to) => controls.seek(controls.time - (to.seekOffset ? to.seekOffset * 1000 : SKIP_MS)));
		on('seekforward', (to) => controls.seek(controls.time + (to.seekOffset ? to.seekOffset * 1000 : SKIP_MS)));
		on('seekto', (to) => to.seekTime !== undefined && controls.seek(to.seekTime * 1000));
	}
	session.playbackState = playing ? 'playing' : 'paused';
	if (duration > 0) {
		session.setPositionState?.({ duration: duration / 1000, position: Math.min(time, duration) / 1000, playbackRate: speed });
	}
}

export function quietSession(): void {
	const session = navigator.mediaSession;
	if (!session || !told) return;
	told = '';
	session.metadata = null;
	session.playbackState = 'none';
	for (const action of ['play', 'pause', 'stop', 'nexttrack', 'previoustrack', 'seekbackward', 'seekforward', 'seekto'] as const) {
		try {
			session.setActionHandler(action, null);
		} catch {
			// An action that this browser does not know.
		}
	}
}
