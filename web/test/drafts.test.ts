import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentToSend, keptDraft, shownContent, sizeOf, toldOf } from '../src/lib/engine/drafts';
import type { AlbumContent, VoiceContent } from '../src/lib/engine/types';

const file = (size: number, type: string) => new Blob([new Uint8Array(size)], { type });

test('an album is shown from its own files, and sent by what the house made of them', () => {
	const draft = keptDraft({
		kind: 'album',
		caption: 'The garden',
		pieces: [
			{ kind: 'picture', file: file(10, 'image/jpeg'), width: 4000, height: 3000 },
			{ kind: 'live_photo', file: file(10, 'image/jpeg'), moment: file(5, 'video/mp4') }
		]
	});
	assert.equal(sizeOf(draft), 25);
	const shown = shownContent('n1', draft) as AlbumContent;
	assert.equal(shown.caption, 'The garden');
	assert.deepEqual(shown.items.map(({ kind }) => kind), ['picture', 'live_photo']);
	assert.equal(shown.items[0]?.media.width, 4000);
	const moment = shown.items[1]?.media.files.find(({ variant }) => variant === 'video');
	assert.deepEqual(moment, { variant: 'video', type: 'video/mp4', size: 5 });

	draft.pieces.forEach((piece, at) => (piece.media = `media${at}`));
	assert.deepEqual(contentToSend(draft), { kind: 'album', items: ['media0', 'media1'], caption: 'The garden' });
});

test('a voice message shows what the recorder measured until the house has measured it', () => {
	const pieces = [{ kind: 'voice' as const, file: file(3, 'audio/webm'), duration: 1200, waveform: [0, 128, 255] }];
	const draft = keptDraft({ kind: 'voice', pieces });
	const shown = shownContent('n2', draft) as VoiceContent;
	assert.equal(shown.media.duration, 1200);
	assert.equal(shown.media.waveform, btoa('\x00\x80\xff'));
	assert.ok(!('caption' in shown));
	draft.pieces[0]!.media = 'm';
	assert.deepEqual(contentToSend(draft), { kind: 'voice', media: 'm' });
});

test('a text is shown without the id of its link preview', () => {
	assert.deepEqual(toldOf({ kind: 'text', text: 'See https://tea.example', preview: 'p' }), {
		kind: 'text',
		text: 'See https://tea.example'
	});
	assert.equal(toldOf({ kind: 'sticker', sticker: 's' }), undefined);
});
