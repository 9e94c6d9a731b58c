/** A camera: opened, turned round, lit, brought closer; takes stills. */

import { closeDevice, DeviceProblem, openDevice, reasonOf, type DeviceReason } from './devices';

/** Enough for video; a still comes from the sensor itself where the browser lets us. */
const WIDTH = 1920;
const HEIGHT = 1080;
const STILL_WITHIN_MS = 1500;
const JPEG_QUALITY = 0.92;

/** What browsers tell of a camera beyond the standard's first edition. */
interface Abilities extends MediaTrackCapabilities {
	torch?: boolean;
	zoom?: { min: number; max: number; step: number };
}
type Wish = MediaTrackConstraintSet & { torch?: boolean; zoom?: number };

interface StillTaker {
	takePhoto(): Promise<Blob>;
}
const taker = (globalThis as { ImageCapture?: new (track: MediaStreamTrack) => StillTaker }).ImageCapture;

export class Camera {
	stream = $state.raw<MediaStream | undefined>();
	problem = $state<DeviceReason | undefined>();
	/** Why there is no sound, when it was asked for. */
	mute = $state<DeviceReason | undefined>();
	devices = $state.raw<MediaDeviceInfo[]>([]);
	deviceId = $state('');
	torchable = $state(false);
	torch = $state(false);
	zoomRange = $state.raw<{ min: number; max: number; step: number } | undefined>();
	zoom = $state(1);
	/** One looks at oneself as in a mirror. */
	mirrored = $state(false);
	#facing: 'user' | 'environment' = 'environment';
	#sound: MediaStream | undefined;
	/** Each opening has a number: what a former one still brings is closed. */
	#run = 0;

	async open(): Promise<void> {
		const run = ++this.#run;
		this.#closePicture();
		this.problem = undefined;
		const which: MediaTrackConstraints = this.deviceId ? { deviceId: { exact: this.deviceId } } : { facingMode: this.#facing };
		let stream: MediaStream;
		try {
			stream = await openDevice({ video: { ...which, width: { ideal: WIDTH }, height: { ideal: HEIGHT } } });
		} catch (problem) {
			if (run === this.#run) this.problem = reasonOf(problem);
			return;
		}
		if (run !== this.#run) return closeDevice(stream);
		const track = stream.getVideoTracks()[0];
		if (!track) {
			this.problem = 'none';
			return closeDevice(stream);
		}
		track.addEventListener('ended', () => stream === this.stream && this.#lost());
		const abilities = track.getCapabilities?.() as Abilities | undefined;
		const facing = track.getSettings().facingMode;
		this.torchable = !!abilities?.torch;
		this.torch = false;
		this.zoomRange = abilities?.zoom && abilities.zoom.max > abilities.zoom.min ? abilities.zoom : undefined;
		this.zoom = this.zoomRange?.min ?? 1;
		this.mirrored = facing !== 'environment';
		this.stream = stream;
		this.devices = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
	}

	/** Another program took it, or it was pulled out. */
	#lost(): void {
		this.#closePicture();
		this.problem = 'busy';
	}

	/** Towards oneself, for a note of oneself. */
	async face(): Promise<void> {
		if (this.#facing === 'environment' && this.devices.length > 1) await this.turnRound();
	}

	async turnRound(): Promise<void> {
		this.deviceId = '';
		this.#facing = this.#facing === 'user' ? 'environment' : 'user';
		await this.open();
	}

	async choose(device: string): Promise<void> {
		this.deviceId = device;
		await this.open();
	}

	get #track(): MediaStreamTrack | undefined {
		return this.stream?.getVideoTracks()[0];
	}

	async light(on: boolean): Promise<void> {
		const wish: Wish = { torch: on };
		await this.#track?.applyConstraints({ advanced: [wish] });
		this.torch = on;
	}

	async zoomTo(wanted: number): Promise<void> {
		if (!this.zoomRange) return;
		this.zoom = Math.min(this.zoomRange.max, Math.max(this.zoomRange.min, wanted));
		const wish: Wish = { zoom: this.zoom };
		await this.#track?.applyConstraints({ advanced: [wish] }).catch(() => {});
	}

	/** Picture and sound together, to be recorded; without sound where there is no microphone. */
	async heard(): Promise<MediaStream> {
		if (!this.stream) throw new DeviceProblem('none');
		if (!this.#sound) {
			try {
				this.#sound = await openDevice({ audio: { echoCancellation: true, noiseSuppression: true } });
				this.mute = undefined;
			} catch (problem) {
				this.mute = reasonOf(problem);
			}
		}
		if (!this.stream) {
			this.close();
			throw new DeviceProblem('none');
		}
		return new MediaStream([...this.stream.getVideoTracks(), ...(this.#sound?.getAudioTracks() ?? [])]);
	}

	/** A JPEG, from the sensor where that works in time, else what the preview shows now. Not mirrored. */
	async still(preview: HTMLVideoElement): Promise<{ file: Blob; width: number; height: number }> {
		const canvas = document.createElement('canvas');
		canvas.width = preview.videoWidth;
		canvas.height = preview.videoHeight;
		canvas.getContext('2d')?.drawImage(preview, 0, 0);
		const file = (await this.#sensor()) ?? (await jpeg(canvas));
		const image = await createImageBitmap(file);
		const { width, height } = image;
		image.close();
		return { file, width, height };
	}

	async #sensor(): Promise<Blob | undefined> {
		if (!taker || !this.#track) return undefined;
		const late = new Promise<undefined>((resolve) => setTimeout(resolve, STILL_WITHIN_MS));
		try {
			const file = await Promise.race([new taker(this.#track).takePhoto(), late]);
			return file?.type === 'image/jpeg' ? file : undefined;
		} catch {
			// Many cameras promise stills that they do not give.
			return undefined;
		}
	}

	#closePicture(): void {
		closeDevice(this.stream);
		this.stream = undefined;
	}

	close(): void {
		this.#run += 1;
		this.#closePicture();
		closeDevice(this.#sound);
		this.#sound = undefined;
	}
}

function jpeg(canvas: HTMLCanvasElement): Promise<Blob> {
	return new Promise((resolve, reject) => {
		canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The camera gave no picture'))), 'image/jpeg', JPEG_QUALITY);
	});
}
