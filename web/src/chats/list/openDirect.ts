import { engine } from '$lib/engine';
import type { Contact } from '$lib/engine/types';
import { go } from '$lib/router.svelte';
import { attempt } from '../attempt';
import { newNonce } from '$lib/engine/nonce';

/** The direct chat with a contact is made once, by whoever opens it first. */
export async function directChat(contact: Contact): Promise<string | undefined> {
	if (contact.chat) return contact.chat;
	const command = { kind: 'direct', nonce: newNonce(), people: [contact.person.id] };
	return (await attempt(engine.command<{ chat: string }>('chat.create', command)))?.chat;
}

export async function openDirect(contact: Contact): Promise<void> {
	const chat = await directChat(contact);
	if (chat) go(`/chats/${chat}`);
}
