/**
 * Cuts the beginning off what a browser recorded, without decoding: WebM is a row of clusters, and MediaRecorder begins
 * one at each key frame (RFC 8794 for EBML, RFC 9559 for Matroska).
 */

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;
/** Children of the segment: one of them ends a cluster of unknown size. */
const SEGMENT_CHILDREN = new Set([CLUSTER, 0x1549a966, 0x1654ae6b, 0x114d9b74, 0x1c53bb6b, 0x1254c367, 0x1043a770, 0x1941a469]);

interface Element {
	id: number;
	start: number;
	/** Where its content begins. */
	body: number;
	/** -1: until its parent's next child. */
	size: number;
}

function vint(bytes: Uint8Array, at: number, keepMark: boolean): { value: number; length: number } {
	const first = bytes[at] ?? 0;
	const length = Math.clz32(first) - 23;
	if (length > 8 || at + length > bytes.length) throw new RangeError('Not EBML');
	let value = keepMark ? first : first & (0xff >> length);
	let ones = !keepMark && value === 0xff >> length;
	for (let next = at + 1; next < at + length; next++) {
		value = value * 256 + bytes[next]!;
		ones &&= bytes[next] === 0xff;
	}
	return { value: ones ? -1 : value, length };
}

function elementAt(bytes: Uint8Array, at: number): Element {
	const id = vint(bytes, at, true);
	const size = vint(bytes, at + id.length, false);
	return { id: id.value, start: at, body: at + id.length + size.length, size: size.value };
}

interface Cluster {
	start: number;
	end: number;
	time: number;
	/** Where its time is written, in so many bytes. */
	timeAt: number;
	timeSize: number;
}

function clusterAt(bytes: Uint8Array, element: Element): Cluster {
	const cluster: Cluster = { start: element.start, end: bytes.length, time: 0, timeAt: 0, timeSize: 0 };
	if (element.size >= 0) cluster.end = Math.min(bytes.length, element.body + element.size);
	let at = element.body;
	while (at < cluster.end) {
		const child = elementAt(bytes, at);
		if (SEGMENT_CHILDREN.has(child.id)) break;
		if (child.size < 0) throw new RangeError('A block without a size');
		if (child.id === TIMESTAMP) {
			cluster.timeAt = child.body;
			cluster.timeSize = child.size;
			for (let byte = 0; byte < child.size; byte++) cluster.time = cluster.time * 256 + bytes[child.body + byte]!;
		}
		at = child.body + child.size;
	}
	cluster.end = Math.min(at, bytes.length);
	if (!cluster.timeAt) throw new RangeError('A cluster without a time');
	return cluster;
}

/**
 * The recording from the last key frame that is not after `from`, its clock set back to 0. Times are in the ticks of the
 * file: milliseconds, as browsers write them. Throws a RangeError when it is not such a file.
 */
export function trimmed(bytes: Uint8Array, from: number): Uint8Array {
	const header = elementAt(bytes, 0);
	if (header.id !== EBML) throw new RangeError('Not EBML');
	const segment = elementAt(bytes, header.body + header.size);
	if (segment.id !== SEGMENT) throw new RangeError('Not Matroska');
	const clusters: Cluster[] = [];
	let firstCluster = -1;
	for (let at = segment.body; at < bytes.length; ) {
		const element = elementAt(bytes, at);
		if (element.id === CLUSTER) {
			const cluster = clusterAt(bytes, element);
			if (firstCluster < 0) firstCluster = at;
			clusters.push(cluster);
			at = cluster.end;
		} else {
			if (element.size < 0) throw new RangeError('An element without a size');
			at = element.body + element.size;
		}
	}
	const first = clusters.findLastIndex(({ time }) => time <= from);
	if (first <= 0 || segment.size >= 0) return bytes;
	const base = clusters[first]!.time;
	const head = bytes.slice(0, firstCluster);
	const kept = clusters.slice(first).map((cluster) => {
		const copy = bytes.slice(cluster.start, cluster.end);
		let time = cluster.time - base;
		for (let byte = cluster.timeSize - 1; byte >= 0; byte--) {
			copy[cluster.timeAt - cluster.start + byte] = time % 256;
			time = Math.floor(time / 256);
		}
		return copy;
	});
	const made = new Uint8Array(head.length + kept.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of [head, ...kept]) {
		made.set(part, at);
		at += part.length;
	}
	return made;
}
