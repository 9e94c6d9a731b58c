/** Refusals of the server in words for people, found by their stable `code`. */

import { formatDuration } from './format';
import { t } from './locale.svelte';

const KNOWN = new Set([
	'malformed',
	'unauthenticated',
	'forbidden',
	'not_found',
	'conflict',
	'too_large',
	'rate_limited',
	'unavailable',
	'offline'
]);

/** The stable code of a refusal; empty for anything else that was thrown. */
export function codeOf(problem: unknown): string {
	const code = (problem as { code?: unknown } | undefined)?.code;
	return typeof code === 'string' ? code : '';
}

/** What went wrong, in the person's language. `own` names the room's words for codes that mean more there. */
export function problemText(problem: unknown, own: Record<string, string> = {}): string {
	const code = codeOf(problem);
	const { fields = {} } = (problem ?? {}) as { fields?: Record<string, unknown> };
	if (own[code]) return t(own[code]);
	if (code === 'rate_limited' && typeof fields.retry_after_ms === 'number') {
		return t('errors.rate_limited_for', { wait: formatDuration(Math.max(1000, fields.retry_after_ms)) });
	}
	return KNOWN.has(code) ? t(`errors.${code}`) : t('errors.unknown');
}
