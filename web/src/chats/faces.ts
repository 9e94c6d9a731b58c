/** Who is shown in a group's mosaic: the first members other than oneself. */

import { engine } from '$lib/engine';
import type { ShownChat } from '$lib/engine/contract';

export function facesOf(chat: ShownChat): { id: string; name: string; picture?: string }[] {
	if (chat.kind === 'direct' || chat.picture) return [];
	const faces = [];
	for (const { person } of chat.members) {
		const known = person === engine.me?.person.id ? undefined : engine.person(person);
		if (known) faces.push({ id: known.id, name: engine.nameOf(known.id), picture: known.picture });
		if (faces.length === 4) break;
	}
	return faces;
}

/** The same face for a chat wherever it is shown. */
export function faceOf(chat: ShownChat): { id: string; name: string; picture?: string } {
	return { id: chat.peer?.id ?? chat.id, name: chat.title, picture: chat.peer ? chat.peer.picture : chat.picture };
}
