/** Where one pays bills: chosen once, kept on this device. Regions are ISO 3166-1 or 3166-2 codes. */

import { locale, t } from '$lib/i18n';

const STORED = 'teahouse.bills.region';

function stored(): string {
	try {
		return localStorage.getItem(STORED) ?? '';
	} catch {
		return '';
	}
}

let chosen = $state(stored());

export const region = {
	get code(): string {
		return chosen;
	},
	set code(code: string) {
		chosen = code;
		try {
			localStorage.setItem(STORED, code);
		} catch {
			// Storage is closed to us (private window): the choice holds for this visit.
		}
	}
};

/** "Germany", "Germany · BY"; the browser knows countries, not their parts. */
export function regionName(code: string): string {
	if (!code) return t('bills.everywhere');
	const [country = '', part] = code.split('-');
	let name = country;
	try {
		name = new Intl.DisplayNames([locale.tag], { type: 'region' }).of(country) ?? country;
	} catch {
		// Not a code the browser has heard of.
	}
	return part ? `${name} · ${part}` : name;
}
