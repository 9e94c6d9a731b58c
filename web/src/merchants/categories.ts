import type { Category } from './types';

export const CATEGORIES: Category[] = [
	'food', 'groceries', 'clothes', 'health', 'home', 'electronics', 'books', 'travel', 'leisure', 'services', 'other'
];
