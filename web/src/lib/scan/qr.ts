/** Reads QR codes: with the browser's own detector where there is one, else with a small decoder fetched on need. */

export type Reader = (source: HTMLVideoElement | ImageBitmap) => Promise<string | undefined>;

interface Detector {
	detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
	new (options: { formats: string[] }): Detector;
	getSupportedFormats(): Promise<string[]>;
}

/** The decoder looks at pictures of this size at most: enough for a code, quick on a phone. */
const DECODED_PX_MAX = 800;

async function native(): Promise<Reader | undefined> {
	const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass };
	if (!BarcodeDetector || !(await BarcodeDetector.getSupportedFormats()).includes('qr_code')) return;
	const detector = new BarcodeDetector({ formats: ['qr_code'] });
	return async (source) => (await detector.detect(source))[0]?.rawValue;
}

async function decoder(): Promise<Reader> {
	const { decodeQR } = await import('qr/decode.js');
	const canvas = document.createElement('canvas');
	const context = canvas.getContext('2d', { willReadFrequently: true });
	return async (source) => {
		const [width, height] =
			source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height];
		if (!context || !width || !height) return;
		const scale = Math.min(1, DECODED_PX_MAX / Math.max(width, height));
		canvas.width = Math.round(width * scale);
		canvas.height = Math.round(height * scale);
		context.drawImage(source, 0, 0, canvas.width, canvas.height);
		try {
			return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
		} catch {
			// The decoder's way to say that there is no code in sight.
			return;
		}
	};
}

let reader: Promise<Reader> | undefined;

export function qrReader(): Promise<Reader> {
	reader ??= native()
		.catch(() => undefined)
		.then((own) => own ?? decoder());
	reader.catch(() => (reader = undefined));
	return reader;
}
