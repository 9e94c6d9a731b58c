import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAnimated, isMotionPhoto, momentOffset, pairs, sortOf } from '../src/chats/edit/recognise';

const named = (name: string, type = '') => ({ name, type });
const bytes = (...parts: (string | number[])[]) =>
	Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...part].map((letter) => letter.charCodeAt(0)) : part)));

test('a file is a picture, a video or just a file', () => {
	assert.equal(sortOf(named('a.jpg', 'image/jpeg')), 'picture');
	assert.equal(sortOf(named('IMG_1.HEIC')), 'picture');
	assert.equal(sortOf(named('film.MKV', '')), 'video');
	assert.equal(sortOf(named('film.mov', 'video/quicktime')), 'video');
	assert.equal(sortOf(named('list.pdf', 'application/pdf')), 'file');
	// A program in the clothes of a picture is given on as a file; a type that is told counts more than a name.
	assert.equal(sortOf(named('drawing.svg', 'image/svg+xml')), 'file');
	assert.equal(sortOf(named('page.png', 'text/html')), 'file');
});

test('stills find their moments by name, in the order of the stills', () => {
	const files = ['IMG_1.MOV', 'tea.jpg', 'IMG_1.HEIC', 'img_2.jpg', 'IMG_2.mov', 'alone.mov', 'notes.txt'].map((name) => named(name));
	const found = pairs(files).map(({ file, moment }) => (moment ? `${file.name}+${moment.name}` : file.name));
	assert.deepEqual(found, ['tea.jpg', 'IMG_1.HEIC+IMG_1.MOV', 'img_2.jpg+IMG_2.mov', 'alone.mov', 'notes.txt']);
});

test('a moment belongs to one still only', () => {
	const found = pairs([named('IMG_1.HEIC'), named('IMG_1.JPG'), named('IMG_1.MOV')]);
	assert.deepEqual(
		found.map(({ moment }) => moment?.name),
		['IMG_1.MOV', undefined]
	);
});

test('a Motion Photo says so in its XMP, in either dialect', () => {
	assert.ok(isMotionPhoto(bytes('…<rdf:Description GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1"/>')));
	assert.ok(isMotionPhoto(bytes('<rdf:Description GCamera:MicroVideo="1" GCamera:MicroVideoOffset="4000"/>')));
	assert.ok(isMotionPhoto(bytes('<GCamera:MotionPhoto>1</GCamera:MotionPhoto>')));
	assert.ok(!isMotionPhoto(bytes('<rdf:Description GCamera:MotionPhoto="0"/>')));
	assert.ok(!isMotionPhoto(bytes('MotionPhotoVersion="1"')));
});

test('its film begins at the first box that is one', () => {
	const still = [0xff, 0xd8, 0xff, 0xe0];
	const film = bytes([0, 0, 0, 24], 'ftypmp42', [0, 0, 0, 0], 'mp42isom');
	assert.equal(momentOffset(bytes(still, 'pixels', [0xff, 0xd9], [...film])), 12);
	// The letters alone, inside a picture, are no box.
	assert.equal(momentOffset(bytes(still, 'abcdftypefgh')), -1);
	assert.equal(momentOffset(bytes('RIFF', [...film])), -1);
});

test('pictures that move are told from those that do not', () => {
	const webp = (flags: number) => bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, flags]);
	assert.ok(isAnimated(webp(0x02), 'image/webp'));
	assert.ok(!isAnimated(webp(0x10), 'image/webp'));
	assert.ok(isAnimated(bytes('GIF89a'), 'image/gif'));
	const png = [0x89, ...bytes('PNG\r\n\x1a\n')];
	assert.ok(isAnimated(bytes(png, 'IHDR….acTL….IDAT'), 'image/png'));
	assert.ok(!isAnimated(bytes(png, 'IHDR….IDAT….acTL'), 'image/png'));
});
