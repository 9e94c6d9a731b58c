/** Call whoever was at the other end of a call. */

import { go } from '$lib/router.svelte';
import { startCall } from '../member/start';
import type { CallRecord } from './records.svelte';

export function callAgain(record: CallRecord): void {
	if (record.kind === 'phone') go(`/discover/calls/dial/${encodeURIComponent(record.number ?? '')}`);
	else void startCall(record.chat ?? '', record.video ?? false);
}
