/** The words of calls to phones under short names, generated from the server's OpenAPI page. */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type PhoneCall = Schemas['PhoneCall'];
export type PhoneAbout = Schemas['PhoneAbout'];
export type PhoneQuote = Schemas['PhoneQuote'];
export type Price = Schemas['Price'];
export type RateLine = Schemas['RateLine'];
export type RatePage = Schemas['RatePage'];

export interface PhoneChanged {
	call: PhoneCall;
}

/** The answer to an offer of one's device; `attempt` is that of the offer. */
export interface PhoneMedia {
	call: string;
	device: string;
	attempt: number;
	answer: string;
}
