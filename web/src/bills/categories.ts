/** What each category of billers is called and looks like. */

import { t } from '$lib/i18n';
import type { IconName } from '$lib/ui';
import type { BillerCategory } from './types';

const LOOKS: Record<BillerCategory, [icon: IconName, tone: string]> = {
	electricity: ['torch', 'amber'],
	water: ['drop', 'sky'],
	gas: ['flame', 'rust'],
	heating: ['heater', 'red'],
	internet: ['globe', 'indigo'],
	mobile: ['phone', 'celadon'],
	tv: ['device', 'plum'],
	rent: ['home', 'moss'],
	tuition: ['book', 'indigo'],
	insurance: ['shield', 'celadon'],
	tax: ['bank', 'plum'],
	fine: ['failed', 'rust'],
	membership: ['star', 'amber'],
	charity: ['heart', 'red'],
	other: ['bill', 'sky']
};

/** A category that this client does not know yet is `other`. */
const known = (category: string): BillerCategory => (category in LOOKS ? (category as BillerCategory) : 'other');

export const isCategory = (text: string): text is BillerCategory => text in LOOKS;
export const categoryName = (category: string): string => t(`bills.category_${known(category)}`);
export const categoryIcon = (category: string): IconName => LOOKS[known(category)][0];
export const categoryTone = (category: string): string => LOOKS[known(category)][1];
