/** The messages of the wallet and of money in chats, which few visits need. */
export default import.meta.glob<Record<string, unknown>>(['/src/wallet/**/i18n/zh.json', '/src/chats/money/**/i18n/zh.json'], {
	eager: true,
	import: 'default'
});
