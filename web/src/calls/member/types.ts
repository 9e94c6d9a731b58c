/** Member calls as the house tells of them (docs/api.md; `teahouse/calls/members/model.py`). */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type Call = Schemas['Call'];
export type CallLeg = Schemas['CallLeg'];
export type CallStarted = Schemas['CallStarted'];
export type OpenCalls = Schemas['OpenCalls'];
export type Outcome = NonNullable<Call['outcome']>;

/** As many as one call may hold. */
export const PEOPLE_MAX = 6;

export interface CallChanged {
	call: Call;
}

export interface Description {
	type: 'offer' | 'answer' | 'rollback';
	sdp?: string;
}

/** An ICE candidate; an empty `candidate` ends them. */
export interface Candidate {
	candidate?: string;
	mid?: string;
	index?: number;
	fragment?: string;
}

/** What one leg says to another. */
export interface Signal {
	description?: Description | null;
	candidates?: Candidate[];
}

export interface CallSignal extends Signal {
	call: string;
	/** The leg it comes from, and the one it is for. */
	sender: string;
	to: string;
}

export const joinedLegs = (call: Call): CallLeg[] => (call.legs ?? []).filter(({ state }) => state === 'joined');
export const legOf = (call: Call, person: string): CallLeg | undefined =>
	(call.legs ?? []).find((leg) => leg.person === person);
export const isRung = ({ state }: CallLeg): boolean => state === 'invited' || state === 'ringing';
