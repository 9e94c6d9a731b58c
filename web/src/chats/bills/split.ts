/** How a split stands, from the card that tells of it. */

import { engine } from '$lib/engine';
import type { SplitContent } from '$lib/engine/types';

export type Share = SplitContent['shares'][number];

export interface Standing {
	mine?: Share;
	paid: number;
	/** What has come back, and what was asked for in all. */
	back: number;
	asked: number;
	open: boolean;
}

export function standingOf({ shares, state = 'open' }: SplitContent): Standing {
	const me = engine.me?.person.id;
	const sum = (some: Share[]) => some.reduce((all, { amount }) => all + amount, 0);
	const done = shares.filter(({ paid }) => paid);
	return {
		mine: shares.find(({ person }) => person === me),
		paid: done.length,
		back: sum(done),
		asked: sum(shares),
		open: state === 'open'
	};
}
