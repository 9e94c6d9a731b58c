/** How somebody stands to the person who is signed in. */

import type { Contact, ContactRequest } from '$lib/engine/types';
import { engine } from '$lib/engine';

export type Relation =
	| { kind: 'self' }
	| { kind: 'blocked' }
	| { kind: 'contact'; contact: Contact }
	/** They asked, and wait for an answer. */
	| { kind: 'asked'; request: ContactRequest }
	/** One asked them. */
	| { kind: 'sent'; request: ContactRequest }
	| { kind: 'stranger' };

export function relationTo(person: string): Relation {
	if (engine.me?.person.id === person) return { kind: 'self' };
	if (engine.blocked.some((blocked) => blocked.id === person)) return { kind: 'blocked' };
	const contact = engine.contacts.find((known) => known.person.id === person);
	if (contact) return { kind: 'contact', contact };
	const asked = engine.requests.find((request) => request.sender.id === person);
	if (asked) return { kind: 'asked', request: asked };
	const sent = engine.requests.find((request) => request.receiver.id === person);
	return sent ? { kind: 'sent', request: sent } : { kind: 'stranger' };
}

export const receivedRequests = () => engine.requests.filter((request) => request.receiver.id === engine.me?.person.id);
export const sentRequests = () => engine.requests.filter((request) => request.sender.id === engine.me?.person.id);
