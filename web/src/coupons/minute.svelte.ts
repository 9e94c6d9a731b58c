/** The house's time for what is on screen: it goes on while one looks. */

import { houseNow } from './clock';

const STEP_MS = 15_000;

export class Minute {
	now = $state(houseNow());

	constructor() {
		$effect(() => {
			const timer = setInterval(() => (this.now = houseNow()), STEP_MS);
			return () => clearInterval(timer);
		});
	}
}
