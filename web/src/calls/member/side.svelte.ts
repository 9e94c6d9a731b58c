/** One other person in a call, as the screens show them: their sound and picture, and how the line to them is. */

import { Outgoing } from './outgoing';
import { Peer, type Limits, type Line, type Sending } from './peer';
import { countsOf, qualityOf, type Counts, type Quality } from './quality';
import type { CallLeg, Signal } from './types';

/** Louder than this somebody speaks (0 to 1, RFC 6464 as browsers tell it). */
const SPEAKS = 0.02;
const SPOKE_MS = 900;

export class Side {
	readonly leg: string;
	readonly person: string;
	/** What the house says of it: muted, camera, screen, held. */
	said = $state.raw() as CallLeg;
	line = $state<Line>('connecting');
	audio = $state.raw<MediaStream | undefined>();
	video = $state.raw<MediaStream | undefined>();
	quality = $state.raw<Quality | undefined>();
	speaking = $state(false);
	readonly #peer: Peer;
	readonly #outgoing: Outgoing;
	#counts: Counts | undefined;
	#spokeAt = 0;

	constructor(
		call: string,
		own: string,
		said: CallLeg,
		servers: RTCIceServer[],
		sending: Sending,
		limits: Limits,
		changed: (line: Line) => void
	) {
		this.leg = said.leg ?? '';
		this.person = said.person;
		this.said = said;
		this.#outgoing = new Outgoing(call, this.leg);
		// Of two legs the one with the larger id gives way.
		this.#peer = new Peer(own > this.leg, servers, sending, limits, {
			signal: (signal) => this.#outgoing.say(signal),
			line: (line) => {
				this.line = line;
				changed(line);
			},
			track: (track) => {
				if (track.kind === 'audio') this.audio = new MediaStream([track]);
				else this.video = new MediaStream([track]);
			}
		});
	}

	/** There is a picture to show. */
	get shows(): boolean {
		return !!this.video && !this.said.held && !!(this.said.camera || this.said.screen);
	}

	take(signal: Signal): void {
		this.#peer.take(signal);
	}

	send(sending: Sending): Promise<void> {
		return this.#peer.send(sending);
	}

	limit(limits: Limits): void {
		void this.#peer.limit(limits);
	}

	restart(): void {
		this.#peer.restart();
	}

	/** Look how loud it is now. */
	listen(nowMs: number): void {
		const receiver = this.#peer.connection.getReceivers().find(({ track }) => track.kind === 'audio');
		const level = receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
		if (level > SPEAKS) this.#spokeAt = nowMs;
		this.speaking = !this.said.muted && nowMs - this.#spokeAt < SPOKE_MS && this.#spokeAt > 0;
	}

	/** Look how the line was since the last look. */
	async measure(): Promise<void> {
		const report = await this.#peer.connection.getStats();
		const now = countsOf(report.values() as Iterable<never>);
		if (this.#counts && now.atMs > this.#counts.atMs) this.quality = qualityOf(this.#counts, now);
		this.#counts = now;
	}

	close(): void {
		this.#outgoing.close();
		this.#peer.close();
	}
}
