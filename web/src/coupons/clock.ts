/**
 * The house's time on this device, whose own clock may be minutes wrong: a code is good for a minute by the house's. How far
 * apart the two are is found out while there is a network, and kept for when there is none.
 */

const KEPT = 'teahouse.clock';
/** The house tells its time in whole seconds: on average it is half a second later. */
const HALF_SECOND_MS = 500;
/** An answer that took longer says too little about the time. */
const ROUND_TRIP_MAX_MS = 5_000;
const ASKED_AGAIN_MS = 10 * 60_000;
const DEADLINE_MS = 10_000;

function kept(): number {
	try {
		const ahead = Number(localStorage.getItem(KEPT));
		return Number.isFinite(ahead) ? ahead : 0;
	} catch {
		return 0;
	}
}

/** How far the house is ahead of this device. */
let ahead = kept();
let askedAt = -Infinity;

/** Told when it was found to be another. */
const listeners = new Set<() => void>();

export const houseNow = (): number => Date.now() + ahead;

export function onClock(heard: () => void): () => void {
	listeners.add(heard);
	return () => listeners.delete(heard);
}

/** How far ahead a clock is that showed `date` somewhere between two moments of ours; undefined: it cannot be said. */
export function aheadBy(date: string, from: number, to: number): number | undefined {
	const said = Date.parse(date);
	if (Number.isNaN(said) || to < from || to - from > ROUND_TRIP_MAX_MS) return undefined;
	return said + HALF_SECOND_MS - (from + to) / 2;
}

/** Ask the house for its time, unless it was asked a moment ago. */
export async function compareClocks(): Promise<void> {
	if (performance.now() - askedAt < ASKED_AGAIN_MS) return;
	askedAt = performance.now();
	try {
		const from = Date.now();
		const answer = await fetch('/health/live', { cache: 'no-store', signal: AbortSignal.timeout(DEADLINE_MS) });
		const found = aheadBy(answer.headers.get('date') ?? '', from, Date.now());
		if (found === undefined) return;
		ahead = Math.round(found);
		for (const heard of listeners) heard();
		localStorage.setItem(KEPT, String(ahead));
	} catch {
		// What is known holds; the next page asks again.
		askedAt = -Infinity;
	}
}
