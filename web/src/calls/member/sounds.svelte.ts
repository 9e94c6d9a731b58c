/** What is heard of calls besides the people in them. */

import { untrack } from 'svelte';
import { engine } from '$lib/engine';
import { ring } from '../shared/alarm';
import { awake } from '../shared/awake';
import { devices } from '../shared/devices.svelte';
import { BUSY_MS, play } from '../shared/tones';
import { callerOf } from './caller';
import { calls } from './calls.svelte';

const speaker = () => devices.chosen('audiooutput');

/** Call in the component that shows calls. */
export function soundCalls(): void {
	const rings = $derived(calls.ringing[0]?.id);
	const talking = $derived(!!calls.current && !calls.current.over);
	/** One talks, here or on another device: then a call is told softly. */
	const soft = $derived(talking || calls.elsewhere.length > 0);
	const silent = $derived(!rings || calls.isSilenced(rings));
	const tone = $derived.by(() => {
		const talk = calls.current;
		if (talk?.over) return talk.end === 'busy' && !talk.time.running ? 'busy' : 'ended';
		if (!talk) return '';
		if (talk.phase === 'talking') return 'begun';
		return talk.phase === 'ringing' && talk.outgoing && !talk.time.running ? 'ringback' : '';
	});
	const begun = $derived(calls.current?.time.running && !calls.current.over ? calls.current : undefined);

	$effect(() => {
		const id = rings;
		if (!id || soft || silent) return;
		return untrack(() => {
			const call = calls.open.get(id);
			if (!call) return;
			const { name, where } = callerOf(call);
			const said = where ? `${name} · ${where}` : name;
			return ring({ id, name: said, chat: call.chat, video: call.video ?? false }, () => {
				// The caller sees that a device rings.
				void engine.command('call.ringing', { call: id }).catch(() => {});
			});
		});
	});

	$effect(() => {
		if (rings && soft && !silent) {
			void engine.command('call.ringing', { call: rings }).catch(() => {});
			return play('waiting', untrack(speaker));
		}
	});

	$effect(() => {
		if (tone === 'ringback') return play('ringback', untrack(speaker));
		if (tone === 'busy') {
			const stop = play('busy', untrack(speaker));
			setTimeout(stop, BUSY_MS);
		} else if (tone === 'ended') play('ended', untrack(speaker));
	});

	$effect(() => {
		if (begun) play('begun', untrack(speaker));
	});

	const watched = $derived(talking && !calls.minimised);
	$effect(() => (watched ? awake() : undefined));
}
