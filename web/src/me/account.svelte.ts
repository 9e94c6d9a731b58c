/** The ways into one's account, read again whenever a page about them opens or has changed them. */

import { request } from '$lib/api';
import type { Me } from '$lib/engine/types';

export const account = $state<{ now?: Me }>({});

export async function loadAccount(): Promise<void> {
	account.now = await request<Me>('GET', '/me');
}
