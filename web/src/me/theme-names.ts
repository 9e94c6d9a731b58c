import type { Theme } from '../shell/theme.svelte';

/** What the themes are called, by message key. */
export const THEME_NAMES: Record<Theme, string> = {
	system: 'me.theme_system',
	light: 'me.theme_light',
	dark: 'me.theme_dark'
};
