/** The set-up of calls to phones under short names, generated from the server's OpenAPI page. */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

/** All that has a default is there when the house says it. */
export type TrunkSetup = Omit<Required<Schemas['TrunkSetup']>, 'networks'> & { networks: string[] };
export type TrunkView = Omit<Schemas['TrunkView'], 'setup'> & { setup: TrunkSetup };
export type Deck = Schemas['Deck'];
export type RateLine = Schemas['RateLine'];
export type RatePage = Schemas['RatePage'];
export type PhoneNumber = Schemas['PhoneNumber'];
export type Policy = Omit<Required<Schemas['PhonePolicy']>, 'countries' | 'prefixes_off'> & {
	countries: string[];
	prefixes_off: string[];
};
export type Kind = Policy['kinds_off'][number];
export type TrunkFormat = TrunkSetup['format'];
