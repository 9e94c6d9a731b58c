import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Small modules that every first load needs: together they pack better than as a file each, which they would become for
 * being shared with rooms that come later.
 */
const FIRST =
	/src\/(lib\/(ui|i18n)\/[\w.]+|shell\/(Lazy|panes)[\w.]*|chats\/(faces|attempt|list\/chatMenu)|onboarding\/house[\w.]*|wallet\/(money|on\.svelte))\.(svelte|ts)$/;

export default defineConfig({
	plugins: [
		svelte(),
		VitePWA({
			strategies: 'injectManifest',
			srcDir: 'src',
			filename: 'sw.ts',
			injectRegister: false,
			manifest: {
				name: 'Teahouse',
				short_name: 'Teahouse',
				description: 'Chat in a house of your own.',
				start_url: '/',
				display: 'standalone',
				background_color: '#f7f4ec',
				theme_color: '#f7f4ec',
				icons: [
					{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
					{ src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
					{ src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any maskable' }
				]
			}
		})
	],
	resolve: { alias: { $lib: at('./src/lib'), $src: at('./src') } },
	build: {
		outDir: '../teahouse/static',
		emptyOutDir: true,
		target: 'es2022',
		rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', test: FIRST }] } } }
	},
	server: { port: 5173, proxy: { '/api': { target: 'http://127.0.0.1:8420', ws: true } } }
});
