/** The types of bills under short names, generated from the server's OpenAPI page. */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type Biller = Schemas['Biller'];
export type BillerCategory = Biller['category'];
export type BillerList = Schemas['BillerList'];
export type CustomerField = Schemas['CustomerField'];
export type Customer = Record<string, string>;
export type Bill = Schemas['Bill'];
export type BillPayment = Schemas['BillPayment'];
export type BillPaymentPage = Schemas['BillPaymentPage'];
export type PaymentState = BillPayment['state'];
export type SavedBill = Schemas['SavedBill'];
export type ReceiptCheck = Schemas['ReceiptCheck'];
