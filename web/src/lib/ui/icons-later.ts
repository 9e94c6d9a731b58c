/** Icons that few visits need: what shows them imports this file, which adds them to the others. */

import { icons } from './icons';

export const laterIcons = {
	erase: 'M9 6h11v12H9l-5.500-6zM12.500 9.500l4.500 5M17 9.500l-4.500 5',
	cash: 'M3 7h18v10H3zM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM6 10v.01M18 14v.01',
	card: 'M3 6h18v12H3zM3 10h18M6.500 14.500h4',
	bank: 'M4 9.500L12 5l8 4.500zM6 9.500V17M10 9.500V17M14 9.500V17M18 9.500V17M4 17h16M3.500 20h17',
	receive: 'M12 5v14M5.500 12.500L12 19l6.500-6.500',
	scan: 'M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M4 12h16',
	print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z'
} as const;

Object.assign(icons, laterIcons);
