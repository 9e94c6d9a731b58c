/** The tabs of one browser tell each other what they changed in the store that they share. */

import type { Notice } from './store';

export type TabMessage =
	| { type: 'changed'; person: string; notice: Notice }
	| { type: 'signed-in' }
	| { type: 'signed-out'; person: string };

export class Tabs {
	readonly #channel = new BroadcastChannel('teahouse');

	constructor(heard: (message: TabMessage) => void) {
		this.#channel.onmessage = ({ data }: MessageEvent<TabMessage>) => heard(data);
	}

	tell(message: TabMessage): void {
		this.#channel.postMessage(message);
	}
}
