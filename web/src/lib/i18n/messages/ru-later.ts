/** The messages of the wallet and of money in chats, which few visits need. */
export default import.meta.glob<Record<string, unknown>>(['/src/wallet/**/i18n/ru.json', '/src/chats/money/**/i18n/ru.json'], {
	eager: true,
	import: 'default'
});
