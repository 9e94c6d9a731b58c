/**
 * The line to one other leg: an RTCPeerConnection under perfect negotiation (W3C WebRTC, example 10.7), repaired by ICE
 * restarts when the network changes. It sends one sound and one picture; which ones is changed without negotiating.
 */

import type { Candidate, Description, Signal } from './types';
import { withDtx } from './sdp';

/** Candidates found within this time go out together. */
const GATHER_MS = 50;
const CANDIDATES_AT_ONCE_MAX = 50;
/** Of the other side's, before its description is here. */
const WAITING_CANDIDATES_MAX = 200;
/** A short gap heals by itself. */
const DISCONNECTED_MS = 3_000;
/** Between two attempts to repair, and how many before the other is given up. */
const REPAIR_EVERY_MS = 6_000;
const REPAIRS_MAX = 30;

export type Line = 'connecting' | 'connected' | 'reconnecting' | 'lost';
export interface Sending {
	audio: MediaStreamTrack | null;
	video: MediaStreamTrack | null;
}
export interface Limits {
	/** Bits per second. */
	video: number;
	/** The picture is sent with its sides divided by this. */
	scale: number;
	frames: number;
}
export interface Listener {
	signal(signal: Signal): void;
	line(line: Line): void;
	track(track: MediaStreamTrack): void;
}

export class Peer {
	readonly connection: RTCPeerConnection;
	readonly #polite: boolean;
	readonly #listener: Listener;
	#makingOffer = false;
	#ignoreOffer = false;
	#settingAnswer = false;
	#candidates: Candidate[] = [];
	#gathering: ReturnType<typeof setTimeout> | undefined;
	#waiting: RTCIceCandidateInit[] = [];
	/** Signals of the other are taken one after the other. */
	#taking: Promise<void> = Promise.resolve();
	#sending: Sending;
	#limits: Limits;
	#repair: ReturnType<typeof setTimeout> | undefined;
	#repairs = 0;
	#everConnected = false;
	#closed = false;

	constructor(polite: boolean, servers: RTCIceServer[], sending: Sending, limits: Limits, listener: Listener) {
		this.#polite = polite;
		this.#listener = listener;
		this.#sending = sending;
		this.#limits = limits;
		const connection = new RTCPeerConnection({ iceServers: servers, bundlePolicy: 'max-bundle' });
		this.connection = connection;
		connection.onnegotiationneeded = () => void this.#offer();
		connection.onicecandidate = ({ candidate }) => this.#found(candidate);
		connection.onconnectionstatechange = () => this.#changed();
		connection.oniceconnectionstatechange = () => this.#changed();
		connection.ontrack = ({ track }) => listener.track(track);
		// One side lays both tracks out, and the other fills them in: there is never a second pair.
		if (!polite) {
			connection.addTransceiver('audio', { direction: 'sendrecv' });
			connection.addTransceiver('video', { direction: 'sendrecv' });
			void this.#fill();
		}
		this.#repair = setTimeout(() => this.#mend(), REPAIR_EVERY_MS);
	}

	/** Change what is sent; nothing of the negotiation changes. */
	async send(sending: Sending): Promise<void> {
		this.#sending = sending;
		await this.#fill();
	}

	async limit(limits: Limits): Promise<void> {
		this.#limits = limits;
		await this.#applyLimits();
	}

	take(signal: Signal): void {
		this.#taking = this.#taking.then(() => this.#take(signal)).catch((problem: unknown) => {
			// What cannot be read leaves the line as it is; a repair follows when it is not enough.
			if (!this.#closed) console.warn('A signal of a call was not taken', problem);
		});
	}

	/** The network may be another one: look for a way anew. */
	restart(): void {
		if (this.#closed || !this.connection.remoteDescription) return;
		this.connection.restartIce();
	}

	close(): void {
		this.#closed = true;
		clearTimeout(this.#gathering);
		clearTimeout(this.#repair);
		this.connection.onconnectionstatechange = this.connection.oniceconnectionstatechange = null;
		this.connection.onnegotiationneeded = this.connection.onicecandidate = this.connection.ontrack = null;
		this.connection.close();
	}

	// --- perfect negotiation ------------------------------------------------------------------------

	async #offer(): Promise<void> {
		if (this.#closed) return;
		try {
			this.#makingOffer = true;
			await this.connection.setLocalDescription();
			this.#describe();
		} catch (problem) {
			if (!this.#closed) console.warn('An offer of a call was not made', problem);
		} finally {
			this.#makingOffer = false;
		}
	}

	#describe(): void {
		const local = this.connection.localDescription;
		if (!local || this.#closed) return;
		this.#listener.signal({ description: { type: local.type as Description['type'], sdp: withDtx(local.sdp) } });
	}

	async #take({ description, candidates = [] }: Signal): Promise<void> {
		if (this.#closed) return;
		if (description) await this.#takeDescription(description);
		for (const candidate of candidates) await this.#takeCandidate(candidate);
	}

	async #takeDescription(description: Description): Promise<void> {
		const { connection } = this;
		// An answer may be told twice, when the line to the house broke between the two.
		if (description.type === 'answer' && connection.signalingState !== 'have-local-offer') return;
		const readyForOffer =
			!this.#makingOffer && (connection.signalingState === 'stable' || this.#settingAnswer);
		const collision = description.type === 'offer' && !readyForOffer;
		this.#ignoreOffer = !this.#polite && collision;
		if (this.#ignoreOffer) return;
		this.#settingAnswer = description.type === 'answer';
		try {
			await connection.setRemoteDescription(description as RTCSessionDescriptionInit);
		} finally {
			this.#settingAnswer = false;
		}
		for (const candidate of this.#waiting.splice(0)) await this.#add(candidate);
		if (description.type !== 'offer') return this.#applyLimits();
		await this.#fill();
		await connection.setLocalDescription();
		this.#describe();
	}

	async #takeCandidate({ candidate = '', mid, index, fragment }: Candidate): Promise<void> {
		const init: RTCIceCandidateInit = {
			candidate, ...(mid !== undefined && { sdpMid: mid }), ...(index !== undefined && { sdpMLineIndex: index }),
			...(fragment && { usernameFragment: fragment })
		};
		if (init.sdpMid === undefined && init.sdpMLineIndex === undefined) init.sdpMLineIndex = 0;
		if (this.connection.remoteDescription) await this.#add(init);
		else if (this.#waiting.length < WAITING_CANDIDATES_MAX) this.#waiting.push(init);
	}

	async #add(candidate: RTCIceCandidateInit): Promise<void> {
		try {
			await this.connection.addIceCandidate(candidate);
		} catch (problem) {
			if (!this.#ignoreOffer) console.debug('A candidate of a call was not taken', problem);
		}
	}

	#found(found: RTCIceCandidate | null): void {
		const { candidate = '', sdpMid, sdpMLineIndex, usernameFragment } = found ?? {};
		this.#candidates.push({
			candidate, mid: sdpMid ?? '', index: sdpMLineIndex ?? 0, ...(usernameFragment && { fragment: usernameFragment })
		});
		if (this.#candidates.length >= CANDIDATES_AT_ONCE_MAX) this.#tellCandidates();
		else this.#gathering ??= setTimeout(() => this.#tellCandidates(), GATHER_MS);
	}

	#tellCandidates(): void {
		clearTimeout(this.#gathering);
		this.#gathering = undefined;
		const candidates = this.#candidates.splice(0);
		if (candidates.length && !this.#closed) this.#listener.signal({ candidates });
	}

	// --- what is sent -------------------------------------------------------------------------------

	async #fill(): Promise<void> {
		for (const transceiver of this.connection.getTransceivers()) {
			const kind = transceiver.receiver.track.kind as keyof Sending;
			if (transceiver.direction !== 'sendrecv' && transceiver.direction !== 'stopped') transceiver.direction = 'sendrecv';
			if (transceiver.sender.track !== this.#sending[kind]) await transceiver.sender.replaceTrack(this.#sending[kind]);
		}
		await this.#applyLimits();
	}

	async #applyLimits(): Promise<void> {
		for (const { sender, receiver } of this.connection.getTransceivers()) {
			const parameters = sender.getParameters();
			const [encoding] = parameters.encodings ?? [];
			if (!encoding || receiver.track.kind !== 'video') continue;
			const { video, scale, frames } = this.#limits;
			// What is on a screen is read: it keeps its size and loses frames.
			const screen = sender.track?.contentHint === 'detail';
			encoding.maxBitrate = video;
			encoding.scaleResolutionDownBy = screen ? 1 : scale;
			encoding.maxFramerate = frames;
			// Not every browser takes all of it, and none needs it to go on.
			await sender.setParameters(parameters).catch(() => {});
		}
	}

	// --- repairs ------------------------------------------------------------------------------------

	#changed(): void {
		const { connectionState, iceConnectionState } = this.connection;
		if (connectionState === 'connected' && iceConnectionState !== 'disconnected') {
			clearTimeout(this.#repair);
			this.#repair = undefined;
			this.#repairs = 0;
			this.#everConnected = true;
			this.#listener.line('connected');
		} else if (connectionState === 'failed' || iceConnectionState === 'failed') {
			this.#listener.line('reconnecting');
			clearTimeout(this.#repair);
			this.#mend();
		} else if (iceConnectionState === 'disconnected' || connectionState === 'disconnected') {
			this.#listener.line('reconnecting');
			this.#repair ??= setTimeout(() => this.#mend(), DISCONNECTED_MS);
		} else if (!this.#everConnected) this.#listener.line('connecting');
	}

	/** Look for a way again and again, until there is one or it was tried often enough. */
	#mend(): void {
		if (this.#closed) return;
		if (this.#repairs++ >= REPAIRS_MAX) {
			this.#listener.line('lost');
			return;
		}
		// An offer that was not answered may have been lost with somebody's connection to the house.
		if (this.connection.signalingState === 'have-local-offer') this.#describe();
		else this.restart();
		this.#repair = setTimeout(() => this.#mend(), REPAIR_EVERY_MS);
	}
}
