/** How many panes fit side by side: 1 on a phone, 2 from 600 px, 3 (with the rail) from 900 px, 4 (with the info) from 1240 px. */

const WIDTHS = [600, 900, 1240].map((width) => matchMedia(`(min-width: ${width}px)`));

const count = () => 1 + WIDTHS.filter((query) => query.matches).length;
let panes = $state(count());
for (const query of WIDTHS) query.addEventListener('change', () => (panes = count()));

export const screen = {
	get panes(): number {
		return panes;
	}
};

/** True where a finger is the pointer: Enter makes a line there, and a button sends. */
export const touch = matchMedia('(pointer: coarse)').matches && !matchMedia('(any-pointer: fine)').matches;
