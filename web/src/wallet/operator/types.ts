/** The types of the house's wallet under short names, generated from the server's OpenAPI page. */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type BankFile = Schemas['BankFile'];
export type Cashiers = Schemas['Cashiers'];
export type SpendingLimits = Schemas['SpendingLimits'];
export type Withdrawal = Schemas['Withdrawal'];
