/** How a carrier is, in plain words. */

import { formatRelative, t } from '$lib/i18n';
import type { TrunkView } from '../lines/types';

const TROUBLE = new Set(['down', 'refused']);

export const isTrouble = ({ state }: TrunkView): boolean => TROUBLE.has(state);

/** `Connected · 2 calls now`, `No answer since 5 minutes: 503 Service Unavailable`. */
export function stateWords(trunk: TrunkView): string {
	const words = t(`lines.state_${trunk.state}`);
	if (isTrouble(trunk)) {
		const since = trunk.since ? ` (${formatRelative(trunk.since)})` : '';
		return `${words}${since}${trunk.detail ? `: ${trunk.detail}` : ''}`;
	}
	return trunk.calls ? `${words} · ${t('lines.calls_now', { count: trunk.calls })}` : words;
}
