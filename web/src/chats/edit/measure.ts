/** What the browser can see of a file: its size, its length, and a small picture of it. */

import { encoded } from './render';
import { fitted, type Size } from './geometry';

const THUMB_PX = 192;
/** A video that tells nothing of itself in this time is one that the browser cannot play. */
const PATIENCE_MS = 8000;
/** The first frame of many videos is black. */
const POSTER_AT_S = 0.1;

export interface Measured extends Size {
	/** Milliseconds; 0 for pictures. */
	duration: number;
	thumb: Blob;
}

async function small(image: CanvasImageSource, size: Size): Promise<Blob> {
	const canvas = Object.assign(document.createElement('canvas'), fitted(size, THUMB_PX));
	const context = canvas.getContext('2d');
	if (!context) throw new Error('No canvas');
	context.imageSmoothingQuality = 'high';
	context.drawImage(image, 0, 0, canvas.width, canvas.height);
	return encoded(canvas, 'image/webp');
}

/** Rejects when the browser does not know the format. */
export async function measurePicture(file: Blob): Promise<Measured> {
	const image = await createImageBitmap(file);
	try {
		return { width: image.width, height: image.height, duration: 0, thumb: await small(image, image) };
	} finally {
		image.close();
	}
}

/** Rejects when the browser cannot play it. */
export async function measureVideo(url: string): Promise<Measured> {
	const video = document.createElement('video');
	const stop = AbortSignal.timeout(PATIENCE_MS);
	const until = (event: string) =>
		new Promise<void>((resolve, reject) => {
			video.addEventListener(event, () => resolve(), { once: true });
			video.addEventListener('error', () => reject(new Error('Not playable')), { once: true });
			stop.addEventListener('abort', () => reject(new Error('Too slow')), { once: true });
		});
	video.muted = true;
	video.preload = 'auto';
	video.playsInline = true;
	try {
		const loaded = until('loadeddata');
		video.src = url;
		await loaded;
		const sought = until('seeked');
		video.currentTime = POSTER_AT_S;
		await sought;
		const size = { width: video.videoWidth, height: video.videoHeight };
		// Sound in the clothes of a video has no picture.
		if (!size.width) throw new Error('No picture');
		// What a browser recorded does not say how long it is.
		const duration = Number.isFinite(video.duration) ? Math.round(video.duration * 1000) : 0;
		return { ...size, duration, thumb: await small(video, size) };
	} finally {
		video.removeAttribute('src');
		video.load();
	}
}
