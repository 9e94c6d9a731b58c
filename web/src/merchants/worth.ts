/** What a coupon is worth, on one line. */

import { detailsOf, headlineOf } from '../coupons/worth';
import type { Worth } from './types';

export const worthText = (worth: Worth): string => [headlineOf(worth), ...detailsOf(worth)].join(' · ');
