/** Billers' set-up, for operators, under short names: generated from the server's OpenAPI page. */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type BillerSetup = Schemas['BillerSetup'];
export type BillFile = Schemas['BillFile'];
export type Settlement = Schemas['Settlement'];
export type CustomerField = Schemas['CustomerField'];
export type HouseKey = Schemas['HouseKey'];
