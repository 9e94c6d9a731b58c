/** Whether what shows calls is wanted: turned on by the first call, so that nobody else fetches it. */

let wanted = $state(false);

export const host = {
	get wanted(): boolean {
		return wanted;
	},
	want(): void {
		wanted = true;
	},
	/** It could not be fetched: with the next word of a call it is asked for again. */
	tryAgain(): void {
		wanted = false;
	}
};
