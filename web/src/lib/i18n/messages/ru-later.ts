/** The messages of the wallet and of money in chats, which few visits need. */
export default import.meta.glob<Record<string, unknown>>([
	'/src/{wallet,bills,coupons,merchants,calls}/**/i18n/ru.json',
	'/src/chats/{money,coupons,bills}/**/i18n/ru.json'
], {
	eager: true,
	import: 'default'
});
