import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrongWith } from '../src/bills/check';
import { divide } from '../src/chats/bills/shares';

test('a customer number is checked as its biller says, however it is written', () => {
	assert.equal(wrongWith('1234 5678', 'digits:8-12'), undefined);
	assert.equal(wrongWith('1234567', 'digits:8-12')?.key, 'length');
	assert.equal(wrongWith('12345678x', 'digits:8-12')?.key, 'digits');
	assert.equal(wrongWith('12345678', 'digits:8'), undefined);
	assert.equal(wrongWith('123456789', 'digits:8')?.most, 8);
	assert.equal(wrongWith('  ', '')?.key, 'missing');
	assert.equal(wrongWith('anything', ''), undefined);
	assert.equal(wrongWith('+49 (30) 123456', 'phone'), undefined);
	assert.equal(wrongWith('my phone', 'phone')?.key, 'phone');
	assert.equal(wrongWith('AB-12', 'pattern:[A-Z]{2}-\\d+'), undefined);
	assert.equal(wrongWith('ab-12', 'pattern:[A-Z]{2}-\\d+')?.key, 'pattern');
});

test('check digits are counted where the client knows how', () => {
	assert.equal(wrongWith('7992 7398 713', 'stdnum:luhn'), undefined);
	assert.equal(wrongWith('7992 7398 710', 'stdnum:luhn')?.key, 'number');
	assert.equal(wrongWith('2363', 'stdnum:verhoeff'), undefined);
	assert.equal(wrongWith('2364', 'stdnum:verhoeff')?.key, 'number');
	assert.equal(wrongWith('9999123456789012141490', 'stdnum:iso7064.mod_97_10'), undefined);
	assert.equal(wrongWith('9999123456789012141491', 'stdnum:iso7064.mod_97_10')?.key, 'number');
	// Unknown here, or no rule of ours: the house decides.
	assert.equal(wrongWith('whatever', 'stdnum:es.cups'), undefined);
	assert.equal(wrongWith('x', 'pattern:(?P<name>x)'), undefined);
});

const none = new Map<string, number>();
const listed = (shares: ReturnType<typeof divide>) => [...shares.asked.values()];

test('what cannot be divided stays with whoever paid', () => {
	const shares = divide(10_00, ['ann', 'ben'], none, true);
	assert.deepEqual(listed(shares), [3_33, 3_33]);
	assert.equal(shares.own, 3_34);
});

test('without a share of one’s own the whole comes together to the last unit', () => {
	const shares = divide(10_00, ['ann', 'ben', 'cleo'], none, false);
	assert.deepEqual(listed(shares), [3_34, 3_33, 3_33]);
	assert.equal(shares.own, 0);
});

test('a share that was typed stays, and the others divide the rest', () => {
	const shares = divide(10_00, ['ann', 'ben'], new Map([['ann', 6_00]]), true);
	assert.deepEqual(listed(shares), [6_00, 2_00]);
	assert.equal(shares.own, 2_00);
	const over = divide(10_00, ['ann', 'ben'], new Map([['ann', 6_00], ['ben', 5_00]]), true);
	assert.equal(over.over, 1_00);
	assert.equal(over.own, 0);
});

test('shares and one’s own add up to the whole, whatever it is', () => {
	for (let total = 1; total < 300; total += 7)
		for (let count = 1; count < 8; count += 1)
			for (const mine of [true, false]) {
				const people = Array.from({ length: count }, (_, at) => String(at));
				const { asked, own, over } = divide(total, people, none, mine);
				assert.equal([...asked.values()].reduce((sum, share) => sum + share, own), total);
				assert.equal(over, 0);
			}
});
