/** The words of coupons under short names, generated from the server's OpenAPI page. */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type Campaign = Schemas['Campaign'];
export type Colour = Campaign['colour'];
export type Coupon = Schemas['Coupon'];
export type CouponPack = Schemas['CouponPack'];
export type Custody = Schemas['Custody'];
/** The page's item type is wider than what the house says: days are numbers. */
export type Hours = { days: number[]; start?: number; end?: number };
export type PassOptions = Schemas['PassOptions'];
export type Worth = Schemas['Worth'];
