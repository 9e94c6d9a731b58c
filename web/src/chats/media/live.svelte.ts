/** Whether live photos are heard when one holds them: remembered on this device. */

const STORED = 'teahouse.liveMuted';

function stored(): boolean {
	try {
		return localStorage.getItem(STORED) === '1';
	} catch {
		return false;
	}
}

let muted = $state(stored());

export const live = {
	get muted(): boolean {
		return muted;
	},
	set muted(on: boolean) {
		muted = on;
		try {
			localStorage.setItem(STORED, on ? '1' : '0');
		} catch {
			// Storage is closed to us (private window): the choice holds for this visit.
		}
	}
};
