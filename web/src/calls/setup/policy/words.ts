/** The rules of calls to phones in one line. */

import { formatMoneyOf } from './money';
import { t } from '$lib/i18n';
import type { Kind, Policy } from '../lines/types';

/** In the order of what people call most. */
export const KINDS: Kind[] = [
	'fixed_line', 'mobile', 'fixed_line_or_mobile', 'toll_free', 'voip', 'uan', 'voicemail', 'shared_cost', 'premium_rate',
	'personal_number', 'pager', 'satellite', 'unknown'
];
export const CALLERS: Policy['caller'][] = ['own_or_house', 'house', 'own', 'hidden'];

export function policyLine(policy: Policy, currency: string): string {
	const { per_minute_max: minute, person_spend_day: day, countries } = policy;
	return [
		t(minute ? 'lines.line_minute' : 'lines.line_minute_any', { sum: formatMoneyOf(minute, currency) }),
		t(day ? 'lines.line_day' : 'lines.line_day_any', { sum: formatMoneyOf(day, currency) }),
		countries.length ? t('lines.line_countries', { count: countries.length }) : t('lines.line_everywhere')
	].join(' · ');
}
