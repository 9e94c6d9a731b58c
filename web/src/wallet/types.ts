/** The wallet's types under short names, generated from the server's OpenAPI page. */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type Wallet = Schemas['Wallet'];
export type Balance = Schemas['Balance'];
export type Entry = Schemas['Entry'];
export type EntryKind = Entry['kind'];
export type EntryPage = Schemas['EntryPage'];
export type Payee = Schemas['Payee'];
export type Charge = Schemas['Charge'];
export type Approved = Schemas['Approved'];
export type Payment = Schemas['Payment'];
export type SpendingLimits = Schemas['SpendingLimits'];
export type Statement = Schemas['Statement'];
export type Spending = Schemas['Spending'];
export type Withdrawal = Schemas['Withdrawal'];
export type CardTopUp = Schemas['CardTopUp'];
export type CashOperation = Schemas['CashOperation'];
export type Look = Schemas['Look'];
