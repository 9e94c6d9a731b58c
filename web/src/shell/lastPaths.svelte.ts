/** Where each place was left, so that going from Contacts back to Chats finds the conversation still open. */

import { PLACES, routeOf, type Place } from './routes';

const last = $state(Object.fromEntries(PLACES.map((place) => [place, `/${place}`])) as Record<Place, string>);

export const lastPaths = {
	of(place: Place): string {
		return last[place];
	},
	note(path: string): void {
		const { place } = routeOf(path);
		if (place !== 'link') last[place] = path === '/' ? `/${place}` : path;
	}
};
