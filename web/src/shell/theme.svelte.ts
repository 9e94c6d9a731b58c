/** Light or dark: the system's choice, or the person's own. */

export type Theme = 'system' | 'light' | 'dark';
const STORED = 'teahouse.theme';

function stored(): Theme {
	try {
		const value = localStorage.getItem(STORED);
		return value === 'light' || value === 'dark' ? value : 'system';
	} catch {
		return 'system';
	}
}

let chosen = $state<Theme>(stored());

function apply(): void {
	if (chosen === 'system') delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = chosen;
}

export const theme = {
	get current(): Theme {
		return chosen;
	}
};

/** Before the first paint, so that nobody is dazzled. */
export function startTheme(): void {
	apply();
}

export function setTheme(next: Theme): void {
	chosen = next;
	apply();
	try {
		localStorage.setItem(STORED, next);
	} catch {
		// Storage is closed to us (private window): the choice holds for this visit.
	}
}
