/** The words of the client, in the language the person reads, and the Intl helpers that go with them. */

export { isLocale, laterWords, LOCALES, locale, setLocale, startI18n, t, type Locale } from './locale.svelte';
export {
	formatDate,
	formatDateTime,
	formatDay,
	formatDuration,
	formatList,
	formatNumber,
	formatRelative,
	formatShort,
	formatTime
} from './format';
export { codeOf, problemText } from './problem';
