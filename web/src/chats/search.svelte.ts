/** Ctrl+K from anywhere: the search field of the chat list takes the focus when this changes. */

let asked = $state(0);

export const searchFocus = {
	get asked(): number {
		return asked;
	}
};

export function focusSearch(): void {
	asked += 1;
}
