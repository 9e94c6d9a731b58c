/** The cash desk's types under short names, generated from the server's OpenAPI page. */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type CashOperation = Schemas['CashOperation'];
export type Customer = Schemas['Customer'];
export type DayClosing = Schemas['DayClosing'];
export type Desk = Schemas['Desk'];
