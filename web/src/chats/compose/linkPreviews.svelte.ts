/** Whether this person lets the house look at the links they write: their own choice, kept on this device. */

const STORED = 'teahouse.linkPreviews';

function stored(): boolean {
	try {
		return localStorage.getItem(STORED) !== 'off';
	} catch {
		return true;
	}
}

let on = $state(stored());

export const linkPreviews = {
	get on(): boolean {
		return on;
	},
	set on(next: boolean) {
		on = next;
		try {
			if (next) localStorage.removeItem(STORED);
			else localStorage.setItem(STORED, 'off');
		} catch {
			// Storage is closed to us (private window): the choice holds for this visit.
		}
	}
};
