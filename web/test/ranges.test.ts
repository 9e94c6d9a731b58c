import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSpan, spanHolding, type Span } from '../src/lib/engine/ranges';

test('spans that touch or overlap become one, and a gap stays a gap', () => {
	let spans: Span[] = [];
	for (const span of [[10, 20], [1, 3], [22, 30], [4, 9]] as Span[]) spans = addSpan(spans, span);
	assert.deepEqual(spans, [[1, 20], [22, 30]]);
	assert.deepEqual(addSpan(spans, [21, 21]), [[1, 30]]);
	assert.deepEqual(addSpan(spans, [40, 39]), spans);
	assert.deepEqual(spanHolding(spans, 22), [22, 30]);
	assert.equal(spanHolding(spans, 21), undefined);
});

test('whatever the order of additions, spans hold just the seqs that were added', () => {
	let state = 7;
	const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
	for (let round = 0; round < 300; round++) {
		const held = new Set<number>();
		let spans: Span[] = [];
		for (let step = 0; step < 12; step++) {
			const from = random(60);
			const to = from + random(8);
			for (let seq = from; seq <= to; seq++) held.add(seq);
			spans = addSpan(spans, [from, to]);
		}
		for (let seq = 0; seq < 70; seq++) assert.equal(spanHolding(spans, seq) !== undefined, held.has(seq));
		for (let i = 1; i < spans.length; i++) assert.ok(spans[i]![0] > spans[i - 1]![1] + 1, 'sorted and apart');
	}
});
