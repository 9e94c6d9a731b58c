/**
 * The map of the client. A place of the house is a folder with two components, and the shell puts them side by side
 * where there is room, one after the other where there is not:
 *
 *   src/chats/ChatsList.svelte        src/chats/ChatsDetail.svelte
 *   src/contacts/ContactsList.svelte  src/contacts/ContactsDetail.svelte
 *   src/wallet/WalletList.svelte      src/wallet/WalletDetail.svelte      where the house has a currency
 *   src/discover/DiscoverList.svelte  src/discover/DiscoverDetail.svelte
 *   src/me/MeList.svelte              src/me/MeDetail.svelte
 *
 * Both get `path`: what comes after the place in the address, without a leading slash (`/contacts/requests` gives
 * `requests`, `/contacts` gives an empty string). With an empty path a phone shows the list only; wider screens show the
 * detail beside it, which then says that nothing is chosen.
 *
 *   src/onboarding/Welcome.svelte   gets `path` (whole); shown in place of everything while nobody is signed in
 *   src/onboarding/LinkPage.svelte  gets `path` (whole); handles /i/…, /j/…, /p/…, /r/…, /s/…, /m/…, /o/…, /c/… and /v/… for somebody who is signed in
 */

export const PLACES = ['chats', 'contacts', 'wallet', 'discover', 'me'] as const;
export type Place = (typeof PLACES)[number];

export type Route = { place: Place; rest: string } | { place: 'link'; rest: string };

export function routeOf(path: string): Route {
	const [first = '', ...others] = path.split('/').filter(Boolean);
	if (/^[ijprsmocv]$/.test(first) && others.length === 1) return { place: 'link', rest: path };
	const place = PLACES.find((known) => known === first) ?? 'chats';
	return { place, rest: place === first ? others.join('/') : '' };
}
