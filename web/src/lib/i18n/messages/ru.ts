/** The first rooms' messages in one file for the network: only the language that is chosen is fetched. */
export default import.meta.glob<Record<string, unknown>>(
	['/src/**/i18n/ru.json', '!/src/{wallet,bills,coupons,merchants,calls}/**', '!/src/chats/{money,coupons,bills}/**'],
	{ eager: true, import: 'default' }
);
