/** How good a line is, read off WebRTC's statistics (W3C webrtc-stats). */

export type Grade = 'good' | 'fair' | 'poor';

export interface Quality {
	grade: Grade;
	/** Milliseconds there and back; undefined until it is known. */
	roundTripMs: number | undefined;
	jitterMs: number;
	/** Percent of what was sent to us since the last look. */
	lossPercent: number;
	receivedKbps: number;
	sentKbps: number;
	/** Of the picture that comes; 0 without one. */
	width: number;
	height: number;
	/** The way goes through a TURN server. */
	relayed: boolean;
}

/** What is counted since the line began. */
export interface Counts {
	atMs: number;
	received: number;
	sent: number;
	packets: number;
	lost: number;
	roundTripMs: number | undefined;
	jitterMs: number;
	width: number;
	height: number;
	relayed: boolean;
}

/** Above these a voice is heard to suffer (ITU-T G.114 for delay; loss that Opus's error correction still hides). */
const FAIR = { roundTripMs: 250, lossPercent: 3, jitterMs: 30 };
const POOR = { roundTripMs: 500, lossPercent: 10, jitterMs: 80 };

interface Stat {
	id: string;
	type: string;
	timestamp: number;
	[field: string]: unknown;
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

export function countsOf(stats: Iterable<Stat>): Counts {
	const all = [...stats];
	const counts: Counts = {
		atMs: 0, received: 0, sent: 0, packets: 0, lost: 0, roundTripMs: undefined, jitterMs: 0, width: 0, height: 0, relayed: false
	};
	const transport = all.find(({ type }) => type === 'transport');
	const pair =
		all.find(({ id }) => id === transport?.selectedCandidatePairId) ??
		all.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
	if (pair) {
		if (typeof pair.currentRoundTripTime === 'number') counts.roundTripMs = pair.currentRoundTripTime * 1000;
		const local = all.find(({ id }) => id === pair.localCandidateId);
		const remote = all.find(({ id }) => id === pair.remoteCandidateId);
		counts.relayed = local?.candidateType === 'relay' || remote?.candidateType === 'relay';
	}
	for (const stat of all) {
		counts.atMs = Math.max(counts.atMs, stat.timestamp);
		if (stat.type === 'outbound-rtp') counts.sent += number(stat.bytesSent);
		if (stat.type !== 'inbound-rtp') continue;
		counts.received += number(stat.bytesReceived);
		counts.packets += number(stat.packetsReceived);
		counts.lost += number(stat.packetsLost);
		if (stat.kind === 'audio') counts.jitterMs = number(stat.jitter) * 1000;
		counts.width ||= number(stat.frameWidth);
		counts.height ||= number(stat.frameHeight);
	}
	return counts;
}

export function gradeOf(line: Pick<Quality, 'roundTripMs' | 'lossPercent' | 'jitterMs'>): Grade {
	const beyond = (bound: typeof FAIR) =>
		(line.roundTripMs ?? 0) > bound.roundTripMs || line.lossPercent > bound.lossPercent || line.jitterMs > bound.jitterMs;
	return beyond(POOR) ? 'poor' : beyond(FAIR) ? 'fair' : 'good';
}

/** How the line was between two looks. */
export function qualityOf(before: Counts, now: Counts): Quality {
	const seconds = Math.max((now.atMs - before.atMs) / 1000, 0.001);
	const kbps = (bytes: number) => Math.max(0, Math.round((bytes * 8) / 1000 / seconds));
	const lost = Math.max(0, now.lost - before.lost);
	const packets = Math.max(0, now.packets - before.packets);
	const line = {
		roundTripMs: now.roundTripMs === undefined ? undefined : Math.round(now.roundTripMs),
		jitterMs: Math.round(now.jitterMs),
		lossPercent: lost + packets ? Math.round((lost / (lost + packets)) * 1000) / 10 : 0
	};
	return {
		...line,
		grade: gradeOf(line),
		receivedKbps: kbps(now.received - before.received),
		sentKbps: kbps(now.sent - before.sent),
		width: now.width,
		height: now.height,
		relayed: now.relayed
	};
}

/** The worst of several lines is the one that one suffers from. */
export function worst(lines: readonly Quality[]): Quality | undefined {
	const order: Grade[] = ['good', 'fair', 'poor'];
	return [...lines].sort((a, b) => order.indexOf(b.grade) - order.indexOf(a.grade) || (b.roundTripMs ?? 0) - (a.roundTripMs ?? 0))[0];
}
