/** The words of merchants under short names, generated from the server's OpenAPI page. */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type Merchant = Schemas['Merchant'];
export type Shop = Schemas['Shop'];
export type Role = Shop['role'];
export type Category = Merchant['category'];
export type Counter = Schemas['Counter'];
export type Order = Schemas['Order'];
export type OrderPage = Schemas['OrderPage'];
export type MerchantCode = Schemas['MerchantCode'];
export type DayBill = Schemas['DayBill'];
export type ApiKey = Schemas['ApiKey'];
export type Webhook = Schemas['Webhook'];
export type Delivery = Schemas['Delivery'];
export type Campaign = Schemas['Campaign'];
export type CampaignFigures = Schemas['CampaignFigures'];
export type Worth = Schemas['Worth'];
export type Quote = Schemas['Quote'];
export type Redemption = Schemas['Redemption'];
export type RedemptionPage = Schemas['RedemptionPage'];
export type Tariff = Schemas['Tariff'];
export type MerchantTariffs = Schemas['MerchantTariffs'];
export type MerchantRow = Schemas['MerchantRow'];
