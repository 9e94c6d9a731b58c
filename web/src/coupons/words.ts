/** How a coupon stands, in words. */

import { formatDate, formatDateTime, formatDay, formatList, formatRelative, formatTime, locale, t } from '$lib/i18n';
import type { Coupon } from './types';
import { DAY_MS, HOUR_MS, runsOf, standingOf, urgencyOf, type Slot } from './when';

const MINUTE_MS = 60_000;
/** Any Monday, at midnight. */
const MONDAY = Date.UTC(2024, 0, 1);

/** Until when it is good: the sooner, the more exactly. */
export function endsText(at: number, now: number): string {
	const urgency = urgencyOf(at, now);
	if (urgency === 'over') return t('coupons.ended_at', { when: formatDate(at) });
	if (urgency === 'hurry') return t('coupons.ends_in', { when: formatRelative(Math.max(at, now + MINUTE_MS), now) });
	if (urgency === 'soon') return t('coupons.ends_in', { when: formatRelative(now + Math.floor((at - now) / DAY_MS) * DAY_MS, now) });
	return t('coupons.until', { when: formatDate(at) });
}

/** One line of a ticket. */
export function stateText(coupon: Coupon, now: number): string {
	const standing = standingOf(coupon, now);
	if (standing === 'held') return endsText(coupon.expires_at, now);
	if (standing === 'early') return t('coupons.starts', { when: formatSoon(coupon.starts_at, now) });
	if (standing === 'redeemed') return t('coupons.redeemed_at', { when: formatDay(coupon.redeemed_at || coupon.claimed_at, now) });
	if (standing === 'expired') return t('coupons.ended_at', { when: formatDate(coupon.expires_at) });
	return t(`coupons.state_${standing}`);
}

export function formatSoon(at: number, now: number): string {
	return Math.abs(at - now) < 2 * DAY_MS ? formatDateTime(at) : formatDate(at);
}

function dayName(day: number): string {
	return new Intl.DateTimeFormat(locale.tag, { weekday: 'short', timeZone: 'UTC' }).format(MONDAY + day * DAY_MS);
}

/** A time of day as the language writes it; midnight at the end of a day is 24:00. */
function minuteText(minute: number): string {
	const here = new Date(2024, 0, 1, 0, minute % 1440);
	return minute === 1440 ? t('coupons.midnight') : formatTime(here.getTime());
}

/** "Mon – Fri, 12:00 – 14:00". */
export function slotText({ days, start, end }: Slot): string {
	const names = runsOf(days).map(([first, last]) => {
		if (first === last) return dayName(first);
		return last === first + 1 ? formatList([dayName(first), dayName(last)]) : `${dayName(first)} – ${dayName(last)}`;
	});
	const week = days.length === 7 ? t('coupons.every_day') : names.join(', ');
	return start === 0 && end === 1440 ? week : `${week}, ${minuteText(start)} – ${minuteText(end)}`;
}

/** The zone of its hours, where it is another than one's own at that moment. */
export function zoneText(timezone: string | undefined, now: number): string {
	if (!timezone) return '';
	try {
		const offset = (timeZone?: string) =>
			new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(now).find(({ type }) => type === 'timeZoneName')?.value;
		if (offset(timezone) === offset()) return '';
	} catch {
		// A zone that this browser does not know is said by its name.
	}
	return timezone.split('/').at(-1)?.replaceAll('_', ' ') ?? timezone;
}

export { HOUR_MS };
