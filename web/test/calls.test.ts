import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsFor } from '../src/calls/member/limits';
import { countsOf, gradeOf, qualityOf, worst, type Counts } from '../src/calls/member/quality';
import { withDtx } from '../src/calls/member/sdp';

const silent: Counts = {
	atMs: 1000, received: 0, sent: 0, packets: 0, lost: 0, roundTripMs: undefined, jitterMs: 0, width: 0, height: 0, relayed: false
};

test('a description asks for silence not to be sent, once, and of Opus alone', () => {
	const sdp = 'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=fmtp:96 apt=97\r\n';
	const asked = withDtx(sdp);
	assert.match(asked, /a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n/);
	assert.match(asked, /a=fmtp:96 apt=97\r\n/);
	assert.equal(withDtx(asked), asked);
});

test('a line is told by what came since the last look', () => {
	const now: Counts = { ...silent, atMs: 3000, received: 25_000, sent: 50_000, packets: 95, lost: 5, roundTripMs: 80.4, jitterMs: 12 };
	const line = qualityOf(silent, now);
	assert.deepEqual(
		[line.receivedKbps, line.sentKbps, line.lossPercent, line.roundTripMs, line.jitterMs, line.grade],
		[100, 200, 5, 80, 12, 'fair']
	);
});

test('nothing sent is nothing lost, and counters that begin anew give nothing negative', () => {
	const line = qualityOf({ ...silent, received: 9_000, packets: 90, lost: 9 }, { ...silent, atMs: 3000 });
	assert.equal(line.receivedKbps, 0);
	assert.equal(line.lossPercent, 0);
	assert.equal(line.grade, 'good');
});

test('a line is as poor as the worst of its figures', () => {
	const good = { roundTripMs: 40, lossPercent: 0, jitterMs: 5 };
	assert.equal(gradeOf(good), 'good');
	assert.equal(gradeOf({ ...good, roundTripMs: 300 }), 'fair');
	assert.equal(gradeOf({ ...good, jitterMs: 31 }), 'fair');
	assert.equal(gradeOf({ ...good, lossPercent: 10.1 }), 'poor');
	assert.equal(gradeOf({ ...good, roundTripMs: undefined }), 'good');
	const lines = [300, 20, 700].map((roundTripMs) => qualityOf(silent, { ...silent, atMs: 2000, roundTripMs }));
	assert.equal(worst(lines)?.roundTripMs, 700);
	assert.equal(worst([]), undefined);
});

test('statistics are read of the way that is used', () => {
	const counts = countsOf([
		{ id: 'T', type: 'transport', timestamp: 5, selectedCandidatePairId: 'B' },
		{ id: 'A', type: 'candidate-pair', timestamp: 5, nominated: true, state: 'succeeded', currentRoundTripTime: 9 },
		{ id: 'B', type: 'candidate-pair', timestamp: 5, currentRoundTripTime: 0.05, localCandidateId: 'L', remoteCandidateId: 'R' },
		{ id: 'L', type: 'local-candidate', timestamp: 5, candidateType: 'relay' },
		{ id: 'I1', type: 'inbound-rtp', timestamp: 5, kind: 'audio', bytesReceived: 10, packetsReceived: 2, packetsLost: 1, jitter: 0.004 },
		{ id: 'I2', type: 'inbound-rtp', timestamp: 6, kind: 'video', bytesReceived: 90, packetsReceived: 3, packetsLost: 0, frameWidth: 640, frameHeight: 480 },
		{ id: 'O', type: 'outbound-rtp', timestamp: 6, kind: 'audio', bytesSent: 7 }
	]);
	assert.deepEqual(counts, {
		atMs: 6, received: 100, sent: 7, packets: 5, lost: 1, roundTripMs: 50, jitterMs: 4, width: 640, height: 480, relayed: true
	});
});

test('the more there are, the less is sent to each', () => {
	const all = [1, 2, 3, 4, 5].map(limitsFor);
	for (const [index, { video, scale, frames }] of all.entries()) {
		const before = all[index - 1];
		if (!before) continue;
		assert.ok(video < before.video && scale >= before.scale && frames <= before.frames);
	}
	assert.equal(limitsFor(0), limitsFor(1));
	assert.equal(limitsFor(9), limitsFor(5));
});
