/** Whether member calls were fetched: by the first that is told of, or that one begins oneself. */

let wanted = false;

/** The event of a member call that one begins to talk in: a phone call waits then. */
export const SPEAKS = 'teahouse.speaks';

export const host = {
	get wanted(): boolean {
		return wanted;
	},
	/** What shows calls comes up too. An event, for a module that both shared would be fetched by everybody. */
	want(): void {
		wanted = true;
		dispatchEvent(new Event('teahouse.call'));
	}
};
