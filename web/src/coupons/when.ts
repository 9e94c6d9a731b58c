/** When a coupon may be used: how soon it ends, and on which days and hours. Pure: the time is a parameter. */

import type { Campaign, Coupon, Hours } from './types';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const HURRY_MS = DAY_MS;
const SOON_MS = 3 * DAY_MS;
const MINUTES = 1440;
/** Two clocks are never quite the same: one that was got just now is good at once. */
const CLOCKS_MS = 30_000;

/** `hurry`: it ends within a day; `soon`: within three. */
export type Urgency = 'over' | 'hurry' | 'soon' | 'calm';

export function urgencyOf(expiresAt: number, now: number): Urgency {
	const left = expiresAt - now;
	if (left <= 0) return 'over';
	if (left <= HURRY_MS) return 'hurry';
	return left <= SOON_MS ? 'soon' : 'calm';
}

/** How a coupon stands on this device, whose copy may be older than the house's. */
export type Standing = Coupon['state'] | 'early' | 'paused' | 'ended';

export function standingOf({ state, starts_at, expires_at, campaign }: Coupon, now: number): Standing {
	const usable = state === 'held' || state === 'expired';
	if (!usable) return state;
	if (now >= expires_at) return 'expired';
	// Before its own end: its merchant's doing.
	if (campaign.state === 'ended') return 'ended';
	if (state === 'expired') return state;
	return now < starts_at - CLOCKS_MS ? 'early' : 'held';
}

/** What ends first comes first. */
export function sorted(held: readonly Coupon[]): Coupon[] {
	return [...held].sort((one, other) => one.expires_at - other.expires_at || (one.id < other.id ? -1 : 1));
}

/** Why a campaign gives nothing to somebody now; empty: it does. */
export type Closed = '' | 'early' | 'over' | 'paused' | 'gone' | 'had';

export function closedBecause({ state, valid_from: _from, valid_to, left, mine = 0, per_person = 1 }: Campaign, now: number): Closed {
	if (state === 'ended' || now >= valid_to) return 'over';
	if (mine >= per_person) return 'had';
	if (state !== 'live') return 'paused';
	return left <= 0 ? 'gone' : '';
}

export interface Slot {
	/** Monday is 0. */
	days: number[];
	start: number;
	end: number;
}

export function slotsOf(campaign: Pick<Campaign, 'hours'>): Slot[] {
	return ((campaign.hours ?? []) as Hours[]).map(({ days, start = 0, end = MINUTES }) => ({ days: [...days].sort(), start, end }));
}

/** Whether it may be used at a moment, by the clock of its own time zone. */
export function isOpen(campaign: Pick<Campaign, 'hours' | 'timezone'>, at: number): boolean {
	const slots = slotsOf(campaign);
	if (!slots.length) return true;
	const { day, minute } = localTime(at, campaign.timezone ?? 'UTC');
	return slots.some(({ days, start, end }) => {
		if (start <= end) return days.includes(day) && minute >= start && minute < end;
		// Past midnight: they belong to the day they start on.
		return (days.includes(day) && minute >= start) || (days.includes((day + 6) % 7) && minute < end);
	});
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function localTime(at: number, timeZone: string): { day: number; minute: number } {
	const options: Intl.DateTimeFormatOptions = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
	let format: Intl.DateTimeFormat;
	try {
		format = new Intl.DateTimeFormat('en-US', { ...options, timeZone });
	} catch {
		// A zone that this browser does not know: the house decides at the counter.
		format = new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' });
	}
	const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
	return { day: WEEKDAYS.indexOf(parts.weekday ?? ''), minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

/** Days in a row together: 0, 1, 2, 5 is [0, 2] and [5, 5]. */
export function runsOf(days: readonly number[]): [first: number, last: number][] {
	const runs: [number, number][] = [];
	for (const day of [...days].sort()) {
		const last = runs.at(-1);
		if (last && day === last[1] + 1) last[1] = day;
		else runs.push([day, day]);
	}
	return runs;
}
