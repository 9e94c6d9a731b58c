/** Puts the sheet over whatever is shown, and takes it away when it is answered. Lazily loaded. */

import { mount, unmount } from 'svelte';
import { laterWords } from '$lib/i18n';
import { loadWallet, wallet } from '../wallet.svelte';
import Confirm from './Confirm.svelte';
import type { Question } from './index';

/** One at a time: a second question closes the first. */
let close: (() => void) | undefined;

/** Take the sheet away: what it asks is settled otherwise. */
export function closeConfirm(): void {
	close?.();
}

export async function openConfirm(what: Question): Promise<string | undefined> {
	closeConfirm();
	await Promise.all([laterWords(), wallet.now ? undefined : loadWallet()]);
	return new Promise((resolve) => {
		let shown: ReturnType<typeof mount> | undefined;
		const answer = (approval?: string) => {
			if (close === leave) close = undefined;
			if (shown) void unmount(shown);
			shown = undefined;
			resolve(approval);
		};
		const leave = () => answer();
		close = leave;
		shown = mount(Confirm, { target: document.body, props: { what, answer } });
	});
}
