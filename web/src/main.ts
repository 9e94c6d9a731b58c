import './app.css';
import { mount } from 'svelte';
import { startI18n } from '$lib/i18n';
import { Failure } from '$lib/api';
import App from './App.svelte';
import { startTheme } from './shell/theme.svelte';

// A request that was under way while one signed out: the welcome page is there already, and nothing is to be said.
addEventListener('unhandledrejection', (event) => {
	if (event.reason instanceof Failure && event.reason.code === 'unauthenticated') event.preventDefault();
});

startTheme();
await startI18n();
mount(App, { target: document.getElementById('app')! });
