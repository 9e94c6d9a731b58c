import './app.css';
import { mount } from 'svelte';
import { startI18n } from '$lib/i18n';
import App from './App.svelte';
import { startTheme } from './shell/theme.svelte';

startTheme();
await startI18n();
mount(App, { target: document.getElementById('app')! });
