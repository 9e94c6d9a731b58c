/** What the history shows: kept while the client is open, so that one comes back from an entry to the same list. */

const none = { direction: '' as '' | 'in' | 'out', group: '', month: '' };
let chosen = $state({ ...none });

export const filters = {
	get direction() {
		return chosen.direction;
	},
	set direction(direction) {
		chosen.direction = direction;
	},
	/** A group of kinds; empty: all. */
	get group() {
		return chosen.group;
	},
	set group(group) {
		chosen.group = group;
	},
	get month() {
		return chosen.month;
	},
	set month(month) {
		chosen.month = month;
	},
	clear(): void {
		chosen = { ...none };
	}
};
