/** Why a device cannot be used, in words that say what to do. */

import { t } from '$lib/i18n';
import type { DeviceReason } from './openings';

export function deviceWords(reason: DeviceReason, what: 'microphone' | 'camera'): string {
	// What the page or the browser lacks is the same for both.
	if (reason === 'insecure' || reason === 'unsupported') return t(`calls.problem_${reason}`);
	return t(`calls.${what}_${reason}`);
}
