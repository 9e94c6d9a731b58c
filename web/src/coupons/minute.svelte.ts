/** The house's time for what is on screen: it goes on while one looks. */

import { houseNow, onClock } from './clock';

const STEP_MS = 15_000;

export class Minute {
	now = $state(houseNow());

	constructor() {
		$effect(() => {
			const tell = () => (this.now = houseNow());
			const timer = setInterval(tell, STEP_MS);
			const unheard = onClock(tell);
			return () => {
				clearInterval(timer);
				unheard();
			};
		});
	}
}
