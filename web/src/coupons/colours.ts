/** The nine colours of campaigns: the ground of a ticket, what is written on it, and how a picture is tinted by it. */

import type { Colour } from './types';

const FACES: Record<Colour, [ground: string, on: string]> = {
	red: ['#b3302a', '#ffffff'],
	orange: ['#b44a12', '#ffffff'],
	yellow: ['#f2c94c', '#33270a'],
	green: ['#39742c', '#ffffff'],
	teal: ['#1b6b67', '#ffffff'],
	blue: ['#2a57a5', '#ffffff'],
	purple: ['#684296', '#ffffff'],
	pink: ['#ad366e', '#ffffff'],
	grey: ['#565b5f', '#ffffff']
};

export const COLOURS = Object.keys(FACES) as Colour[];

/** For a `style` attribute. Of a colour that a newer house has and we do not, the house's own. */
export function faceOf(colour: string | undefined): string {
	const [ground, on] = FACES[colour as Colour] ?? FACES.red;
	// A picture under white words only gets darker by its tint, under dark ones only lighter.
	return `--ticket:${ground};--on-ticket:${on};--tint:${on === '#ffffff' ? 'multiply' : 'screen'}`;
}
