import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftsOf, type Chosen } from '../src/chats/edit/drafts';

const chosen = (given: Partial<Chosen> = {}): Chosen => ({
	kind: 'picture',
	file: new Blob(['still']),
	name: 'a.jpg',
	live: true,
	touched: false,
	width: 4,
	height: 3,
	duration: 0,
	...given
});
const live = (given: Partial<Chosen> = {}) => chosen({ kind: 'live_photo', moment: new Blob(['moment']), duration: 3000, ...given });
const plain = { caption: '', asFiles: false, keepMetadata: false };
const kinds = (drafts: ReturnType<typeof draftsOf>) => drafts.map(({ kind, pieces }) => `${kind}: ${pieces.map((piece) => piece.kind)}`);

test('one is sent as what it is, several as an album, other files each by itself', () => {
	assert.deepEqual(kinds(draftsOf([chosen()], plain)), ['picture: picture']);
	const all = [chosen({ kind: 'file', name: 'a.pdf' }), chosen(), live(), chosen({ kind: 'video' }), chosen({ kind: 'file' })];
	assert.deepEqual(kinds(draftsOf(all, plain)), ['album: picture,live_photo,video', 'file: file', 'file: file']);
});

test('the caption goes with the first message only', () => {
	const drafts = draftsOf([chosen({ kind: 'file' }), chosen()], { ...plain, caption: ' Tea ' });
	assert.deepEqual(
		drafts.map(({ kind, caption }) => [kind, caption]),
		[
			['picture', 'Tea'],
			['file', undefined]
		]
	);
	assert.equal(draftsOf([chosen({ kind: 'video_note' })], { ...plain, caption: 'Tea' })[0]!.caption, undefined);
});

test('a live photo brings its moment, unless it is sent as a still', () => {
	const [moving] = draftsOf([live()], plain);
	assert.equal(moving!.pieces[0]!.duration, 3000);
	assert.ok(moving!.pieces[0]!.moment);
	const [still] = draftsOf([live({ live: false })], plain);
	assert.deepEqual(kinds([still!]), ['picture: picture']);
	assert.equal(still!.pieces[0]!.moment, undefined);
	assert.equal(still!.pieces[0]!.duration, undefined);
});

test('as files all goes as it is: both halves of a live photo', () => {
	const drafts = draftsOf([live(), chosen({ kind: 'video' })], { ...plain, asFiles: true, keepMetadata: true });
	assert.deepEqual(kinds(drafts), ['file: file', 'file: file', 'file: file']);
	assert.ok(drafts.every(({ pieces }) => pieces[0]!.keepMetadata === undefined));
});

test('place and camera are kept only where they were asked for and the file is untouched', () => {
	const kept = (given: Partial<Chosen>, keepMetadata: boolean) => draftsOf([chosen(given)], { ...plain, keepMetadata })[0]!.pieces[0]!.keepMetadata;
	assert.equal(kept({}, false), undefined);
	assert.equal(kept({}, true), true);
	assert.equal(kept({ touched: true }, true), undefined);
	assert.equal(kept({ kind: 'video' }, true), undefined);
});
