/** Puts the dialog over whatever is shown, and takes it away when the deed is done or given up. Lazily loaded. */

import { mount, unmount } from 'svelte';
import { loadAccount } from '../account.svelte';
import type { Proof } from './index';
import Prove from './Prove.svelte';

export async function askForProof<T>(deed: (proof: Proof) => Promise<T>): Promise<{ done: T } | undefined> {
	await loadAccount();
	let shown: ReturnType<typeof mount> | undefined;
	try {
		return await new Promise((resolve, reject) => {
			let done: T;
			shown = mount(Prove, {
				target: document.body,
				props: {
					deed: async (proof: Proof) => {
						done = await deed(proof);
					},
					ondone: () => resolve({ done }),
					onfailed: reject,
					onclose: () => resolve(undefined)
				}
			});
		});
	} finally {
		if (shown) void unmount(shown);
	}
}
