/** Who was here last: read at once at the start, before any database is open. */

import type { Me } from './types';

const ME = 'teahouse.me';
const LEFT = 'teahouse.left';

export function rememberedMe(): Me | undefined {
	try {
		return (JSON.parse(localStorage.getItem(ME) ?? 'null') as Me | null) ?? undefined;
	} catch {
		return undefined;
	}
}

export function rememberMe(me: Me | undefined): void {
	if (me) localStorage.setItem(ME, JSON.stringify(me));
	else localStorage.removeItem(ME);
}

/** The cookie outlives a sign-out that the house could not hear of, and must not sign one in again. */
export function leftWithoutNetwork(): boolean {
	return localStorage.getItem(LEFT) !== null;
}

export function setLeftWithoutNetwork(left: boolean): void {
	if (left) localStorage.setItem(LEFT, '1');
	else localStorage.removeItem(LEFT);
}
