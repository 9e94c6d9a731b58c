/** All that records voice messages, fetched in one piece. */
export { default as VoiceBar } from './VoiceBar.svelte';
export { default as VoiceButton } from './VoiceButton.svelte';
export { voiceOf } from './voice.svelte';
