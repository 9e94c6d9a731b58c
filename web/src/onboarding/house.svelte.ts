/** What a house says of itself to anybody: its name and who may come in. */

import { request } from '$lib/api';

export type Registration = 'open' | 'invitation' | 'closed';

export interface House {
	name: string;
	registration: Registration;
	limits: {
		/** How long after sending a message may be recalled; 0 is never. */
		recall_limit_ms: number;
		/** The largest file that may be uploaded; 0 or absent: no limit. */
		upload_bytes_max?: number;
	};
	/** Whether the house looks at the pages that people link to. */
	link_previews: boolean;
	/** ISO 4217 codes of what the wallet holds, the main one first; none: the house has no wallet. */
	currencies: string[];
	/** ISO 3166-1 alpha-2, or empty. */
	country: string;
	/** Minor units of the main currency: above it, a second cashier confirms. */
	cash_confirm_above: number;
	/** Empty where the house sends no push notifications. */
	vapid_key: string;
	version: string;
}

export const house = $state<{ now?: House; failed: boolean }>({ failed: false });

export async function loadHouse(): Promise<void> {
	house.failed = false;
	try {
		house.now = await request<House>('GET', '/house');
	} catch {
		house.failed = true;
	}
}
