import { problemText } from '$lib/i18n';
import { toast } from '$lib/ui';

/** Words of the chats for refusals that mean more here than in general. */
const CODES = [
	'leads_only',
	'owner_only',
	'apart',
	'announcement_only',
	'muted',
	'no_such_message',
	'not_yours',
	'recalled',
	'poll_closed',
	'too_late',
	'too_many_reactions',
	'not_contacts',
	'chat_full',
	'too_many_admins',
	'hand_over_first',
	'too_many_links',
	'link_expired',
	'mentioned_stranger'
];
const OWN = Object.fromEntries(CODES.map((code) => [code, `chats.refused_${code}`]));

/** Wait for a command; when it is refused, say so and return undefined. */
export async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
	try {
		return await work;
	} catch (problem) {
		toast(problemText(problem, OWN), { kind: 'error' });
		return undefined;
	}
}
