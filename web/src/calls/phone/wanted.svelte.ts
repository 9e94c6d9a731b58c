/** Whether what shows phone calls is wanted: turned on by the first call, so that nobody else fetches it. */

let on = $state(false);

export const wanted = {
	get on(): boolean {
		return on;
	},
	want(): void {
		on = true;
	}
};
