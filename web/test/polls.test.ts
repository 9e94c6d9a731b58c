import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstLink } from '../src/chats/format/tokens';
import { mapLink, placeIn } from '../src/chats/place/place';
import { answersOf } from '../src/chats/poll/shares';
import type { PollContent } from '../src/lib/engine/types';

const poll = (count: number, multiple = false): PollContent => ({
	kind: 'poll',
	question: 'Which tea?',
	options: Array.from({ length: count }, (_, at) => `${at}`),
	multiple
});
const percents = (votes: number[], voters = votes.reduce((sum, each) => sum + each, 0), multiple = false) =>
	answersOf(poll(votes.length, multiple), { answers: votes.map((each) => ({ votes: each })), voters }).map(({ percent }) => percent);

test('the per cents of single answers add up to a hundred', () => {
	assert.deepEqual(percents([1, 1, 1]), [34, 33, 33]);
	assert.deepEqual(percents([2, 1]), [67, 33]);
	assert.deepEqual(percents([1, 0]), [100, 0]);
	assert.deepEqual(percents([0, 0]), [0, 0]);
	for (const votes of [[1, 2, 3, 5, 7, 11], [1, 1, 1, 1, 1, 1, 1], [99, 1, 1]]) {
		assert.equal(percents(votes).reduce((sum, each) => sum + each, 0), 100);
	}
});

test('where several answers may be chosen each has its share of the people', () => {
	assert.deepEqual(percents([3, 2, 0], 3, true), [100, 67, 0]);
	assert.deepEqual(answersOf(poll(2), undefined), [
		{ votes: 0, people: [], percent: 0 },
		{ votes: 0, people: [], percent: 0 }
	]);
});

test('a place is found in what people paste', () => {
	const shanghai = { latitude: 31.2304, longitude: 121.4737 };
	for (const text of [
		'31.2304, 121.4737',
		'(31.2304,121.4737)',
		'31.2304° N, 121.4737° E',
		'geo:31.2304,121.4737?z=17',
		'https://www.google.com/maps/place/Teahouse/@31.2,121.4,15z/data=!3m1!4b1!4m5!3d31.2304!4d121.4737',
		'https://maps.google.com/?q=31.2304,121.4737',
		'https://www.google.com/maps/@31.2304,121.4737,15z',
		'https://www.google.com/maps/search/?api=1&query=31.2304%2C121.4737',
		'https://www.openstreetmap.org/?mlat=31.2304&mlon=121.4737#map=16/31.2/121.4',
		'https://www.openstreetmap.org/#map=16/31.2304/121.4737',
		'https://maps.apple.com/?ll=31.2304,121.4737&q=Tea',
		'https://yandex.ru/maps/?ll=121.4737%2C31.2304&z=12',
		'https://2gis.ru/shanghai?m=121.4737%2C31.2304%2F16'
	]) {
		assert.deepEqual(placeIn(text), shanghai, text);
	}
	assert.deepEqual(placeIn('33.5 S 70.6 W'), { latitude: -33.5, longitude: -70.6 });
	const minutes = placeIn(`55°45'08"N 37°36'56"E`)!;
	assert.ok(Math.abs(minutes.latitude - 55.75222) < 1e-4 && Math.abs(minutes.longitude - 37.61556) < 1e-4);
	for (const text of ['', 'tea', '91, 0', '0, 181', 'https://maps.app.goo.gl/abc', '12', '1, 2, 3']) {
		assert.equal(placeIn(text), undefined, text);
	}
});

test('a place opens in the map that the device has', () => {
	const place = { latitude: -33.5, longitude: 70 };
	assert.equal(mapLink(place, 'Tea & more', 'Linux; Android 15'), 'geo:-33.500000,70.000000?q=-33.500000,70.000000(Tea%20%26%20more)');
	assert.match(mapLink(place, '', 'iPhone'), /^https:\/\/maps\.apple\.com\/\?ll=-33\.500000,70\.000000&q=/);
	assert.match(mapLink(place, '', 'X11; Linux x86_64'), /^https:\/\/www\.openstreetmap\.org\/\?mlat=-33\.500000&mlon=70\.000000#map/);
});

test('the first link of a text is taken as it is written', () => {
	assert.equal(firstLink('See *https://tea.example/green*, and www.other.example'), 'https://tea.example/green');
	assert.equal(firstLink('`https://code.example` then www.Tea.example.'), 'www.Tea.example');
	assert.equal(firstLink('```\nhttps://code.example\n```'), undefined);
	assert.equal(firstLink('No link'), undefined);
});
