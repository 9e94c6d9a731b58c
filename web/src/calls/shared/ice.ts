/** The house's STUN and TURN servers, asked for before a call connects and kept until their credentials are about to end. */

import { request } from '$lib/api';
import type { components } from '$lib/api/schema';

type IceServers = components['schemas']['IceServers'];

const BEFORE_END_MS = 5 * 60_000;
let known: IceServers | undefined;

/** Empty when the house cannot be asked: within one network calls connect all the same. */
export async function iceServers(): Promise<RTCIceServer[]> {
	if (!known || Date.now() > known.until - BEFORE_END_MS) {
		known = await request<IceServers>('GET', '/calls/ice').catch(() => known);
	}
	return (known?.servers ?? []).map(({ urls, username, credential }) => ({
		urls, ...(username && { username, credential })
	}));
}
