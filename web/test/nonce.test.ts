import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newNonce } from '../src/lib/engine/nonce';

test('nonces sort in the order of sending, within one millisecond too, and are what the API takes', () => {
	const nonces = Array.from({ length: 2000 }, () => newNonce());
	assert.deepEqual([...nonces].sort(), nonces);
	assert.equal(new Set(nonces).size, nonces.length);
	for (const nonce of nonces) assert.match(nonce, /^[A-Za-z0-9_-]{1,36}$/);
});
