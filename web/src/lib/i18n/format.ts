/** Times, numbers and lists as the chosen language writes them. Times are Unix milliseconds. */

import { locale } from './locale.svelte';

const DAY_MS = 86_400_000;
const cache = new Map<string, unknown>();

/** Intl formatters are slow to make and a long list needs the same one thousands of times. */
function cached<F>(kind: string, options: object, make: (tag: string) => F): F {
	const key = `${kind} ${locale.tag} ${JSON.stringify(options)}`;
	let formatter = cache.get(key) as F | undefined;
	if (!formatter) {
		formatter = make(locale.tag);
		cache.set(key, formatter);
	}
	return formatter;
}

function date(at: number, options: Intl.DateTimeFormatOptions): string {
	return cached('date', options, (tag) => new Intl.DateTimeFormat(tag, options)).format(at);
}

function relative(value: number, unit: Intl.RelativeTimeFormatUnit): string {
	const options: Intl.RelativeTimeFormatOptions = { numeric: 'auto' };
	return cached('relative', options, (tag) => new Intl.RelativeTimeFormat(tag, options)).format(value, unit);
}

function capital(text: string): string {
	return text.charAt(0).toLocaleUpperCase(locale.tag) + text.slice(1);
}

/** Whole days of the calendar from `at` to `now`: 0 today, 1 yesterday. */
function daysBefore(at: number, now: number): number {
	const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
	// Rounded, for a day has 23 or 25 hours when clocks change.
	return Math.round((midnight(now) - midnight(at)) / DAY_MS);
}

export function formatTime(at: number): string {
	return date(at, { hour: 'numeric', minute: '2-digit' });
}

export function formatDate(at: number): string {
	return date(at, { year: 'numeric', month: 'long', day: 'numeric' });
}

export function formatDateTime(at: number): string {
	return date(at, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A day as a separator names it: Today, Yesterday, Monday, 3 May, 3 May 2024. */
export function formatDay(at: number, now = Date.now()): string {
	const days = daysBefore(at, now);
	if (days === 0 || days === 1) return capital(relative(-days, 'day'));
	if (days > 1 && days < 7) return capital(date(at, { weekday: 'long' }));
	const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
	return date(at, sameYear ? { month: 'long', day: 'numeric' } : { year: 'numeric', month: 'long', day: 'numeric' });
}

/** A time as a list has room for it: 14:05, Yesterday, Mon, 3 May, 3/5/2024. */
export function formatShort(at: number, now = Date.now()): string {
	const days = daysBefore(at, now);
	if (days === 0) return formatTime(at);
	if (days === 1) return capital(relative(-1, 'day'));
	if (days > 1 && days < 7) return capital(date(at, { weekday: 'short' }));
	const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
	return date(at, sameYear ? { month: 'short', day: 'numeric' } : { dateStyle: 'short' });
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
	['year', 365 * DAY_MS],
	['month', 30 * DAY_MS],
	['week', 7 * DAY_MS],
	['day', DAY_MS],
	['hour', 3_600_000],
	['minute', 60_000]
];

/** "3 hours ago", "in 2 days"; within a minute, "now". */
export function formatRelative(at: number, now = Date.now()): string {
	const distance = at - now;
	for (const [unit, ms] of STEPS) {
		if (Math.abs(distance) >= ms) return relative(Math.round(distance / ms), unit);
	}
	return relative(0, 'second');
}

/** A length of time in its largest fitting unit, rounded up: "40 seconds", "2 minutes", "3 days". */
export function formatDuration(ms: number): string {
	const [unit, size] = (
		[
			['day', DAY_MS],
			['hour', 3_600_000],
			['minute', 60_000]
		] as const
	).find(([, step]) => ms >= step) ?? ['second', 1000];
	const options: Intl.NumberFormatOptions = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 };
	return cached('number', options, (tag) => new Intl.NumberFormat(tag, options)).format(Math.ceil(ms / size));
}

export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
	return cached('number', options, (tag) => new Intl.NumberFormat(tag, options)).format(value);
}

export function formatList(items: string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
	const options: Intl.ListFormatOptions = { type, style: 'long' };
	return cached('list', options, (tag) => new Intl.ListFormat(tag, options)).format(items);
}
