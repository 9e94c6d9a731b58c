/** Who stands before the desk: by handle, or by whatever code of theirs was scanned or typed. */

import { request } from '$lib/api';
import type { Person } from '$lib/engine/types';
import { isReceiveText, payCodeOf } from '$lib/scan/money';
import { parseLink } from '../../contacts/links';
import type { Payee } from '../types';
import type { Customer } from './types';

export type Found = { customer: Customer } | { payCode: string };

const HANDLE_MAX = 64;

/** Looks at a person's wallet, which they are told. */
export function customerOf(who: string): Promise<Customer> {
	return request<Customer>('GET', `/wallet/desk/customer?handle=${encodeURIComponent(who.slice(0, HANDLE_MAX))}`);
}

export async function find(text: string): Promise<Found> {
	const payCode = payCodeOf(text);
	if (payCode) return { payCode };
	const link = parseLink(text);
	if (isReceiveText(text) || (typeof link === 'object' && link.kind === 'r')) {
		const { person } = await request<Payee>('POST', '/wallet/codes/read', { text: text.trim() });
		return { customer: await customerOf(person.id) };
	}
	if (typeof link === 'object' && link.kind === 'p') {
		const person = await request<Person>('GET', `/contact-links/${link.secret}`);
		return { customer: await customerOf(person.id) };
	}
	return { customer: await customerOf(text.trim()) };
}
