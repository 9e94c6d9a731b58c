/** What opens over a conversation to make a message. */

import type { Piece } from '$lib/engine/contract';

export type Sheet =
	/** Look at what was chosen or taken, change it, send it. */
	| { kind: 'preview'; files: readonly File[]; taken?: Piece }
	| { kind: 'camera' }
	| { kind: 'poll' | 'location' | 'contact' | 'transfer' | 'red_packet' | 'coupon' | 'split' };
