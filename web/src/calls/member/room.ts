/** All of member calls, fetched at once with the first of them. */

export { default as CallHost } from './CallHost.svelte';
export { calls } from './calls.svelte';
