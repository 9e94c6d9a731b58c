/** Who may do what to whom in a chat: the server decides, this only keeps from offering what it would refuse. */

import type { ShownChat } from '$lib/engine/contract';
import type { Member, Role } from '$lib/engine/types';

export const isLead = (role: Role | undefined): boolean => role === 'owner' || role === 'admin';

export function mayRule(mine: Role, other: Member): boolean {
	const role = other.role ?? 'member';
	return role !== 'owner' && (mine === 'owner' || (mine === 'admin' && role === 'member'));
}

export function mayAdd(chat: ShownChat, mine: Role): boolean {
	if (chat.kind === 'direct' || chat.left) return false;
	return isLead(mine) || (chat.kind === 'group' && !chat.join_approval);
}
