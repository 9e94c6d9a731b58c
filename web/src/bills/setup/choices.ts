/** What the form of a biller chooses among. */

export const HOUR_S = 3600;
export const ACCEPTS = ['exact', 'partial', 'over', 'any'];
export const SETTLES = ['by_hand', 'daily', 'weekly'];
export const CATEGORIES = [
	'electricity', 'water', 'gas', 'heating', 'internet', 'mobile', 'tv', 'rent', 'tuition', 'insurance', 'tax', 'fine',
	'membership', 'charity', 'other'
];
