/** Months as the house counts them (UTC), named `2026-11`. */

import { locale } from '$lib/i18n';

const named = (month: string) => new Date(`${month}-01T00:00:00Z`);
const nameOf = (date: Date) => date.toISOString().slice(0, 7);

export const monthOf = (at: number): string => nameOf(new Date(at));
export const thisMonth = (): string => monthOf(Date.now());

/** The month so many months after (before, with a negative number). */
export function monthAfter(month: string, months: number): string {
	const date = named(month);
	date.setUTCMonth(date.getUTCMonth() + months);
	return nameOf(date);
}

/** This month and those before it, newest first. */
export function lastMonths(count: number): string[] {
	return Array.from({ length: count }, (_, back) => monthAfter(thisMonth(), -back));
}

export const isMonth = (text: string): boolean => /^2\d{3}-(0[1-9]|1[0-2])$/.test(text);

/** "November 2026". */
export function formatMonth(month: string, length: 'long' | 'short' = 'long'): string {
	const options: Intl.DateTimeFormatOptions = { month: length, timeZone: 'UTC', ...(length === 'long' && { year: 'numeric' }) };
	const text = new Intl.DateTimeFormat(locale.tag, options).format(named(month));
	return text.charAt(0).toLocaleUpperCase(locale.tag) + text.slice(1);
}
