/** The form of a carrier: its fields as they are typed, and what is wrong with them before the house is asked. */

import type { TrunkSetup } from '../lines/types';

export interface Typed extends Omit<TrunkSetup, 'port' | 'networks' | 'calls_max' | 'session_expires_s'> {
	port: string;
	networks: string;
	calls_max: string;
	session_expires_s: string;
}
/** Fields, each with the key of what is wrong. */
export type Wrong = Partial<Record<keyof TrunkSetup, string>>;

export const NEW: TrunkSetup = {
	name: '', host: '', port: 0, transport: 'udp', user: '', domain: '', register: false, networks: [],
	format: 'plus', prefix: '', calls_max: 30, session_expires_s: 1800, verify_tls: true, on: true
};
/** Those below the fold. */
export const ADVANCED: (keyof TrunkSetup)[] = ['domain', 'networks', 'calls_max', 'session_expires_s'];

const HOST = /^[A-Za-z0-9.:[\]_-]+$/;
const NETWORKS_MAX = 32;
const NETWORK_LENGTH_MAX = 49;
const PORT_MAX = 65_535;
const CALLS_MAX = 10_000;
const SESSION_MIN_S = 90;
const SESSION_MAX_S = 86_400;

export const typedOf = (setup: TrunkSetup): Typed => ({
	...setup,
	port: setup.port ? String(setup.port) : '',
	networks: setup.networks.join('\n'),
	calls_max: String(setup.calls_max),
	session_expires_s: String(setup.session_expires_s)
});

const countOf = (text: string) => (/^\d{1,6}$/.test(text.trim()) ? Number(text) : NaN);

export const setupOf = (typed: Typed): TrunkSetup => ({
	...typed,
	name: typed.name.trim(),
	host: typed.host.trim(),
	user: typed.user.trim(),
	domain: typed.domain.trim(),
	prefix: typed.prefix.trim(),
	port: typed.port.trim() ? countOf(typed.port) : 0,
	networks: typed.networks.split(/[\s,]+/).filter(Boolean),
	calls_max: countOf(typed.calls_max),
	session_expires_s: typed.session_expires_s.trim() ? countOf(typed.session_expires_s) : 0
});

export function wrongIn(setup: TrunkSetup): Wrong {
	const { session_expires_s: session } = setup;
	const wrong: Wrong = {};
	if (!setup.name) wrong.name = 'lines.wrong_name';
	if (!HOST.test(setup.host)) wrong.host = 'lines.wrong_host';
	if (setup.domain && !HOST.test(setup.domain)) wrong.domain = 'lines.wrong_host';
	if (!(setup.port <= PORT_MAX)) wrong.port = 'lines.wrong_port';
	if (setup.register && !setup.user) wrong.user = 'lines.wrong_user_missing';
	if (!/^[0-9*#]*$/.test(setup.prefix)) wrong.prefix = 'lines.wrong_prefix';
	if (!(setup.calls_max >= 1 && setup.calls_max <= CALLS_MAX)) wrong.calls_max = 'lines.wrong_calls_max';
	if (session && !(session >= SESSION_MIN_S && session <= SESSION_MAX_S)) wrong.session_expires_s = 'lines.wrong_session';
	if (Number.isNaN(session)) wrong.session_expires_s = 'lines.wrong_session';
	if (setup.networks.length > NETWORKS_MAX || setup.networks.some((one) => one.length > NETWORK_LENGTH_MAX)) wrong.networks = 'lines.wrong_networks';
	return wrong;
}

/** What the house refused (`bad_trunk` with its field). */
export function wrongBy(field: unknown): Wrong {
	const words: Wrong = {
		name: 'lines.wrong_name',
		host: 'lines.wrong_host',
		domain: 'lines.wrong_host',
		user: 'lines.wrong_user',
		session_expires_s: 'lines.wrong_session',
		networks: 'lines.wrong_networks'
	};
	const name = field as keyof TrunkSetup;
	return typeof field === 'string' && words[name] ? { [name]: words[name] } : {};
}
