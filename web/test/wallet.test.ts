import assert from 'node:assert/strict';
import { test } from 'node:test';
import { easyToGuess } from '../src/wallet/confirm/pin';
import { Attempt } from '../src/wallet/key';
import { compactIban, isIban, writtenIban } from '../src/wallet/out/iban';

test('a PIN of one digit, or of digits in a row through the zero, is too easy', () => {
	for (const pin of ['000000', '777777', '123456', '890123', '654321', '210987']) assert.ok(easyToGuess(pin), pin);
	for (const pin of ['482915', '112233', '123457', '135791', '909090']) assert.ok(!easyToGuess(pin), pin);
});

test('an IBAN holds by its check digits, however it is written', () => {
	for (const iban of ['DE89 3704 0044 0532 0130 00', 'gb29nwbk60161331926819', 'NO93-8601-1117-947', 'MT84 MALT 0110 0001 2345 MTLC AST0 01S'])
		assert.ok(isIban(iban), iban);
	for (const iban of ['', 'DE89', 'DE88 3704 0044 0532 0130 00', 'DE89 3704 0044 0532 0310 00', '89DE370400440532013000', 'DE89 3704 0044 0532 0130 0é'])
		assert.ok(!isIban(iban), iban);
	assert.equal(writtenIban(compactIban(' de89 37040044-0532013000 ')), 'DE89 3704 0044 0532 0130 00');
});

test('a repetition has the same key, another payment another', () => {
	const attempt = new Attempt();
	const body = { amount: { amount: 1250, currency: 'EUR' }, iban: 'DE89370400440532013000' };
	const key = attempt.keyOf(body);
	assert.equal(attempt.keyOf({ ...body }), key);
	const changed = attempt.keyOf({ ...body, amount: { amount: 1251, currency: 'EUR' } });
	assert.notEqual(changed, key);
	attempt.done();
	assert.notEqual(attempt.keyOf({ ...body, amount: { amount: 1251, currency: 'EUR' } }), changed);
});
