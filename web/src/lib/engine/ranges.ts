/**
 * Which seqs of a chat the local store holds without a hole. A chat's seq has no gaps, so two stretches that touch are
 * one; what lies between two spans was never read and must not be shown as if nothing were there.
 */

/** Both ends included. */
export type Span = [from: number, to: number];

/** The spans with one more put in: sorted, apart, never touching. */
export function addSpan(spans: readonly Span[], [from, to]: Span): Span[] {
	if (to < from) return [...spans];
	const result: Span[] = [];
	let low = from;
	let high = to;
	let placed = false;
	for (const span of spans) {
		if (span[1] + 1 < low) result.push(span);
		else if (span[0] > high + 1) {
			if (!placed) result.push([low, high]);
			placed = true;
			result.push(span);
		} else {
			low = Math.min(low, span[0]);
			high = Math.max(high, span[1]);
		}
	}
	if (!placed) result.push([low, high]);
	return result;
}

export function spanHolding(spans: readonly Span[], seq: number): Span | undefined {
	return spans.find(([from, to]) => from <= seq && seq <= to);
}

/** Where one more page of history may be read locally, and where it must be asked for. */
export interface Page<M> {
	messages: M[];
	/** All that one may see in `low`..`high` is in `messages`. */
	low: number;
	high: number;
}
