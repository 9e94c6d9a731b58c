/** May things move, and be fetched, before anybody asks for them? */

import { createSubscriber } from 'svelte/reactivity';

interface NetworkInformation extends EventTarget {
	saveData?: boolean;
	effectiveType?: string;
}

const still = matchMedia('(prefers-reduced-motion: reduce)');
const network = (navigator as Navigator & { connection?: NetworkInformation }).connection;
const subscribe = createSubscriber((update) => {
	still.addEventListener('change', update);
	network?.addEventListener('change', update);
	return () => {
		still.removeEventListener('change', update);
		network?.removeEventListener('change', update);
	};
});

export const motion = {
	/** Videos may begin by themselves, without sound: not for people who want less motion, nor where data is dear. */
	get plays(): boolean {
		subscribe();
		return !still.matches && !motion.dear;
	},
	/** Every byte counts: nothing is fetched before it is asked for. */
	get dear(): boolean {
		subscribe();
		return !!network?.saveData || /2g/.test(network?.effectiveType ?? '');
	}
};
