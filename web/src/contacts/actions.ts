/** What one does with people, and how it is said when it does not work. */

import { engine } from '$lib/engine';
import type { Contact, ContactRequest, Person } from '$lib/engine/types';
import { problemText, t } from '$lib/i18n';
import { go } from '$lib/router.svelte';
import { ask, toast } from '$lib/ui';

const OWN_WORDS = {
	not_found: 'contacts.cannot_reach',
	yourself: 'contacts.is_self',
	blocked_by_you: 'contacts.is_blocked',
	too_many_requests_open: 'contacts.too_many_requests',
	too_many_contacts: 'contacts.too_many_contacts'
};

/** Runs a command; a refusal is shown, and the answer is then undefined. */
async function run<T>(type: string, fields: Record<string, unknown>): Promise<T | undefined> {
	try {
		return await engine.command<T>(type, fields);
	} catch (error) {
		toast(problemText(error, OWN_WORDS), { kind: 'error' });
		return undefined;
	}
}

export async function accept(request: ContactRequest): Promise<void> {
	const done = await run('contact.accept', { request: request.id });
	if (done) toast(t('contacts.accepted', { name: request.sender.name }));
}

/** Declines a request that came, or withdraws one that was sent. */
export async function decline(request: ContactRequest): Promise<void> {
	await run('contact.decline', { request: request.id });
}

/** True when the request is out (or the two are contacts now). */
export async function askToBeContacts(person: Person, greeting: string, link?: string): Promise<boolean> {
	const fields = link ? { link, greeting } : { person: person.id, greeting };
	const done = await run<{ request?: string }>('contact.request', fields);
	if (done) toast(t(done.request ? 'contacts.asked' : 'contacts.contacts_now'));
	return done !== undefined;
}

/** The chat with a contact, made when there is none yet; undefined when it cannot be. */
async function chatWith(contact: Contact): Promise<string | undefined> {
	if (contact.chat) return contact.chat;
	// One direct chat a pair: the contact's id makes a repeated request the same one.
	const made = await run<{ chat: string }>('chat.create', {
		kind: 'direct',
		nonce: `direct-${contact.person.id}`,
		people: [contact.person.id]
	});
	return made?.chat;
}

export async function openChatWith(contact: Contact): Promise<void> {
	const chat = await chatWith(contact);
	if (chat) go(`/chats/${chat}`);
}

export async function callContact(contact: Contact, video: boolean): Promise<void> {
	const [chat, { startCall }] = await Promise.all([chatWith(contact), import('$src/calls/member/start')]);
	if (chat) await startCall(chat, video);
}

export async function updateContact(person: string, remark: string, labels: string[], phone: string): Promise<boolean> {
	return (await run('contact.update', { person, remark, labels, phone })) !== undefined;
}

export async function block(person: Person, name: string): Promise<void> {
	const question = { title: t('contacts.block_ask', { name }), text: t('contacts.block_text') };
	if (await ask({ ...question, action: t('contacts.block'), danger: true })) {
		await run('person.block', { person: person.id });
	}
}

export async function unblock(person: Person): Promise<void> {
	await run('person.unblock', { person: person.id });
}

export async function remove(person: Person, name: string): Promise<void> {
	const question = { title: t('contacts.remove_ask', { name }), text: t('contacts.remove_text') };
	if (!(await ask({ ...question, action: t('contacts.remove'), danger: true }))) return;
	if (!(await run('contact.remove', { person: person.id }))) return;
	toast(t('contacts.removed', { name }));
	go('/contacts', { replace: true });
}
