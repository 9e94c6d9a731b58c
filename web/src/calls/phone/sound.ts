/** The sound of a phone call: one WebRTC leg to the house, held to G.711, which every phone line speaks (RFC 7874). */

import { devices, sinkTo } from '../shared/devices.svelte';
import { countsOf, qualityOf, type Counts, type Quality } from '../member/quality';
import { iceServers } from '../shared/ice';

const LAWS = ['audio/pcma', 'audio/pcmu'];
/** A slow STUN server holds no call up: what was found by then is offered. */
const GATHER_MS_MAX = 1_200;
const TONE_MS = 160;
const TONE_GAP_MS = 70;

function wanted(): RTCRtpCodec[] {
	const known = RTCRtpReceiver.getCapabilities?.('audio')?.codecs ?? [];
	const laws = LAWS.flatMap((law) => known.filter(({ mimeType }) => mimeType.toLowerCase() === law));
	return [...laws, ...known.filter(({ mimeType, clockRate }) => mimeType.toLowerCase() === 'audio/telephone-event' && clockRate === 8000)];
}

export class PhoneSound {
	#connection: RTCPeerConnection;
	#audio = new Audio();
	#sender: RTCRtpSender;
	#lost: () => void;
	#counts: Counts | undefined;

	private constructor(connection: RTCPeerConnection, track: MediaStreamTrack, lost: () => void) {
		this.#connection = connection;
		this.#lost = lost;
		const transceiver = connection.addTransceiver(track, { direction: 'sendrecv' });
		this.#sender = transceiver.sender;
		const codecs = wanted();
		if (codecs.length) transceiver.setCodecPreferences?.(codecs);
		this.#audio.autoplay = true;
		connection.ontrack = ({ track: theirs }) => {
			this.#audio.srcObject = new MediaStream([theirs]);
			sinkTo(this.#audio, devices.chosen('audiooutput'));
			void this.#audio.play().catch(() => {});
		};
		connection.onconnectionstatechange = () => {
			if (connection.connectionState === 'failed') this.#lost();
		};
	}

	/** `lost` is called when the way to the house is gone. */
	static async open(track: MediaStreamTrack, lost: () => void): Promise<PhoneSound> {
		return new PhoneSound(new RTCPeerConnection({ iceServers: await iceServers(), bundlePolicy: 'max-bundle' }), track, lost);
	}

	async offer(): Promise<string> {
		const connection = this.#connection;
		await connection.setLocalDescription();
		if (connection.iceGatheringState !== 'complete') {
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, GATHER_MS_MAX);
				connection.addEventListener('icegatheringstatechange', () => {
					if (connection.iceGatheringState !== 'complete') return;
					clearTimeout(timer);
					resolve();
				});
			});
		}
		return connection.localDescription?.sdp ?? '';
	}

	async answer(sdp: string): Promise<void> {
		if (this.#connection.signalingState === 'have-local-offer') await this.#connection.setRemoteDescription({ type: 'answer', sdp });
	}

	/** Tones of the keypad (RFC 4733). False when the other end takes none. */
	press(keys: string): boolean {
		const dtmf = this.#sender.dtmf;
		if (!dtmf?.canInsertDTMF) return false;
		dtmf.insertDTMF(dtmf.toneBuffer + keys, TONE_MS, TONE_GAP_MS);
		return true;
	}

	async speak(track: MediaStreamTrack): Promise<void> {
		await this.#sender.replaceTrack(track);
	}

	deafen(on: boolean): void {
		this.#audio.muted = on;
	}

	sink(device: string): void {
		sinkTo(this.#audio, device);
	}

	/** How the line was since the last look; undefined at the first. */
	async quality(): Promise<Quality | undefined> {
		const before = this.#counts;
		const now = countsOf((await this.#connection.getStats()).values());
		this.#counts = now;
		return before && now.atMs > before.atMs ? qualityOf(before, now) : undefined;
	}

	close(): void {
		this.#lost = () => {};
		this.#connection.close();
		this.#audio.srcObject = null;
	}
}
