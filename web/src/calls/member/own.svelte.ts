/** What this page sends: one microphone, one camera and one shared screen, however many calls it is in. */

import { closeDevice, openCamera, openMicrophone, openScreen, type Facing } from '../shared/openings';

class Own {
	microphone = $state.raw<MediaStreamTrack | undefined>();
	camera = $state.raw<MediaStreamTrack | undefined>();
	screen = $state.raw<MediaStreamTrack | undefined>();
	#facing: Facing | undefined;
	#users = 0;
	/** Told when a device was pulled out, or the browser's own button ended the sharing. */
	onlost: (what: 'microphone' | 'camera' | 'screen') => void = () => {};

	/** One looks at oneself as in a mirror, but reads a screen and sees the street as they are. */
	get mirrored(): boolean {
		return this.camera?.getSettings().facingMode !== 'environment';
	}

	/** A call needs it; each taking is let go once. */
	take(): () => void {
		this.#users += 1;
		let held = true;
		return () => {
			if (!held) return;
			held = false;
			this.#users -= 1;
			if (!this.#users) this.#close();
		};
	}

	async openMicrophone(again = false): Promise<void> {
		if (this.microphone?.readyState === 'live' && !again) return;
		const track = await openMicrophone();
		this.microphone?.stop();
		this.microphone = this.#watched(track, 'microphone');
	}

	async openCamera(again = false): Promise<void> {
		if (this.camera?.readyState === 'live' && !again) return;
		// Phones open one camera at a time.
		this.camera?.stop();
		this.camera = undefined;
		const track = await openCamera(this.#facing);
		this.camera = this.#watched(track, 'camera');
	}

	/** The camera that was chosen by name, and not by where it looks. */
	forgetFacing(): void {
		this.#facing = undefined;
	}

	async turnCamera(): Promise<void> {
		const facing = this.camera?.getSettings().facingMode ?? this.#facing;
		this.#facing = facing === 'environment' ? 'user' : 'environment';
		await this.openCamera(true);
	}

	closeCamera(): void {
		this.camera?.stop();
		this.camera = undefined;
	}

	/** False when the person thought better of it. */
	async openScreen(): Promise<boolean> {
		const track = await openScreen();
		if (!track) return false;
		this.screen?.stop();
		this.screen = this.#watched(track, 'screen');
		return true;
	}

	closeScreen(): void {
		this.screen?.stop();
		this.screen = undefined;
	}

	#close(): void {
		for (const track of [this.microphone, this.camera, this.screen]) if (track) closeDevice(new MediaStream([track]));
		this.microphone = this.camera = this.screen = undefined;
		this.#facing = undefined;
	}

	#watched(track: MediaStreamTrack, what: 'microphone' | 'camera' | 'screen'): MediaStreamTrack {
		track.addEventListener('ended', () => {
			if (this[what] !== track) return;
			this[what] = undefined;
			this.onlost(what);
		});
		return track;
	}
}

export const own = new Own();
