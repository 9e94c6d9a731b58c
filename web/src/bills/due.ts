/** How soon a bill is due, in words and in how loud they are said. */

import { formatDate, formatDay, t } from '$lib/i18n';

const DAY_MS = 86_400_000;
const SOON_DAYS = 3;

export type Urgency = 'over' | 'soon' | 'calm';

/** Days of the calendar until then: 0 today, -1 yesterday. */
export function daysUntil(at: number, now = Date.now()): number {
	const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
	return Math.round((midnight(at) - midnight(now)) / DAY_MS);
}

export function urgencyOf(at: number, now = Date.now()): Urgency {
	const days = daysUntil(at, now);
	return days < 0 ? 'over' : days <= SOON_DAYS ? 'soon' : 'calm';
}

/** "Due in 5 days", "Due tomorrow", "4 days overdue". */
export function dueText(at: number, now = Date.now()): string {
	const days = daysUntil(at, now);
	if (days < 0) return t('bills.overdue', { count: -days });
	if (days < 2) return t(days ? 'bills.due_tomorrow' : 'bills.due_today');
	return days <= 14 ? t('bills.due_in', { count: days }) : t('bills.due_on', { date: formatDay(at) });
}

export const dueDate = (at: number): string => formatDate(at);
