/** Who calls: the one who began it, and in a group the group too. */

import { engine } from '$lib/engine';
import { t } from '$lib/i18n';
import type { Call } from './types';

export interface Caller {
	name: string;
	/** The group's name; empty where two are alone. */
	where: string;
	face: { id: string; name: string; picture?: string };
}

export function callerOf(call: Call): Caller {
	const chat = engine.chat(call.chat);
	const person = engine.person(call.started_by);
	const name = engine.nameOf(call.started_by) || chat?.title || t('member.call');
	return {
		name,
		where: chat && chat.kind !== 'direct' ? chat.title : '',
		face: { id: call.started_by, name, picture: person?.picture }
	};
}
