import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aheadBy } from '../src/coupons/clock';
import { couponCode, fromBase32, stepOf, toBase32 } from '../src/coupons/code';
import { discountOf } from '../src/coupons/discount';
import type { Campaign, Coupon } from '../src/coupons/types';
import { closedBecause, DAY_MS, HOUR_MS, isOpen, runsOf, sorted, standingOf, urgencyOf } from '../src/coupons/when';

const COUNTED = 'AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ';
const ALL_ONES = '777777777777777777777777777777777777777777777777777Q';

test('codes are those that docs/coupons.md says', async () => {
	assert.equal(await couponCode(COUNTED, 'aaaaaaaaaaaaaaaa', 118_000_000), 'TC1.aaaaaaaaaaaaaaaa.1y95ds.PNZD4KZVBU');
	assert.equal(await couponCode(COUNTED, 'aaaaaaaaaaaaaaaa', 118_000_001), 'TC1.aaaaaaaaaaaaaaaa.1y95dt.ZSOZRCBMNF');
	assert.equal(await couponCode(ALL_ONES, '01k9zzzzzz012345', 118_000_000), 'TC1.01k9zzzzzz012345.1y95ds.MTTQTPCD74');
});

test('base32 comes back as it went, and is the alphabet of RFC 4648', () => {
	assert.deepEqual([...fromBase32(COUNTED)], [...Array(32).keys()]);
	assert.equal(toBase32(new TextEncoder().encode('foobar')), 'MZXW6YTBOI');
	for (let length = 0; length < 40; length++) {
		const bytes = crypto.getRandomValues(new Uint8Array(length));
		assert.deepEqual(fromBase32(toBase32(bytes)), bytes);
	}
	assert.throws(() => fromBase32('MZXW6YTB1'), RangeError);
});

test('a step is fifteen seconds', () => {
	assert.equal(stepOf(118_000_000 * 15_000), 118_000_000);
	assert.equal(stepOf(118_000_001 * 15_000 - 1), 118_000_000);
});

test('how far the house is ahead is told to half a second, from a quick answer only', () => {
	const date = 'Thu, 26 Nov 2026 01:00:10 GMT';
	const said = Date.UTC(2026, 10, 26, 1, 0, 10);
	assert.equal(aheadBy(date, said, said + 200), 400);
	assert.equal(aheadBy(date, said - 90_000, said - 89_000), 90_000);
	assert.equal(aheadBy(date, said, said + 6_000), undefined);
	assert.equal(aheadBy(date, said + 10, said), undefined);
	assert.equal(aheadBy('', said, said), undefined);
});

const campaign = (fields: Partial<Campaign> = {}): Campaign => ({
	id: 'c', title: 'Tea', state: 'live', valid_from: 0, valid_to: 10 * DAY_MS, url: '/c/c', left: 5, colour: 'red',
	merchant: { id: 'm', handle: 'm', name: 'M' }, worth: { offer: 'amount_off', currency: 'EUR', amount: 500 }, ...fields
});
const coupon = (fields: Partial<Coupon> = {}): Coupon => ({
	id: 'k', campaign: campaign(), state: 'held', claimed_at: 0, starts_at: 0, expires_at: 10 * DAY_MS, ...fields
});

test('what ends soon is urgent', () => {
	assert.equal(urgencyOf(10 * DAY_MS, 0), 'calm');
	assert.equal(urgencyOf(3 * DAY_MS, 0), 'soon');
	assert.equal(urgencyOf(HOUR_MS, 0), 'hurry');
	assert.equal(urgencyOf(0, 0), 'over');
});

test('an old copy of a coupon knows that it is over', () => {
	assert.equal(standingOf(coupon(), DAY_MS), 'held');
	assert.equal(standingOf(coupon({ starts_at: 2 * DAY_MS }), DAY_MS), 'early');
	assert.equal(standingOf(coupon({ starts_at: DAY_MS + 800 }), DAY_MS), 'held');
	assert.equal(standingOf(coupon(), 10 * DAY_MS), 'expired');
	assert.equal(standingOf(coupon({ state: 'reserved' }), 11 * DAY_MS), 'reserved');
	assert.equal(standingOf(coupon({ campaign: campaign({ state: 'ended' }) }), DAY_MS), 'ended');
	assert.equal(standingOf(coupon({ state: 'expired', campaign: campaign({ state: 'ended' }) }), DAY_MS), 'ended');
	assert.equal(standingOf(coupon({ state: 'expired' }), DAY_MS), 'expired');
	assert.equal(standingOf(coupon({ campaign: campaign({ state: 'paused' }) }), DAY_MS), 'held');
});

test('the pack begins with what ends first', () => {
	const ends = (id: string, expires_at: number) => coupon({ id, expires_at });
	assert.deepEqual(sorted([ends('b', 30), ends('c', 10), ends('a', 30)]).map(({ id }) => id), ['c', 'a', 'b']);
});

test('a campaign says why it gives nothing', () => {
	assert.equal(closedBecause(campaign(), 1), '');
	assert.equal(closedBecause(campaign({ left: 0 }), 1), 'gone');
	assert.equal(closedBecause(campaign({ left: 0, mine: 1 }), 1), 'had');
	assert.equal(closedBecause(campaign({ mine: 1, per_person: 2 }), 1), '');
	assert.equal(closedBecause(campaign({ state: 'paused' }), 1), 'paused');
	assert.equal(closedBecause(campaign({ state: 'ended', mine: 1 }), 1), 'over');
	assert.equal(closedBecause(campaign(), 10 * DAY_MS), 'over');
});

test('hours hold by the clock of the campaign, up to and not with their end', () => {
	// Monday 30 November 2026, 12:00 in Berlin is 11:00 UTC.
	const monday = Date.UTC(2026, 10, 30, 11);
	const lunch = { hours: [{ days: [0, 1], start: 720, end: 840 }], timezone: 'Europe/Berlin' };
	assert.ok(isOpen(lunch, monday));
	assert.ok(!isOpen(lunch, monday - 1));
	assert.ok(!isOpen(lunch, monday + 2 * HOUR_MS));
	assert.ok(isOpen(lunch, monday + 2 * HOUR_MS - 60_000));
	assert.ok(!isOpen(lunch, monday + 2 * DAY_MS));
	assert.ok(isOpen({ ...lunch, timezone: 'UTC' }, monday + HOUR_MS));
	assert.ok(isOpen({ hours: [] }, monday));

	// A bar on Sunday night: until two on Monday.
	const night = { hours: [{ days: [6], start: 1320, end: 120 }], timezone: 'UTC' };
	assert.ok(isOpen(night, Date.UTC(2026, 10, 30, 1, 59)));
	assert.ok(!isOpen(night, Date.UTC(2026, 10, 30, 2)));
	assert.ok(!isOpen(night, Date.UTC(2026, 10, 30, 23)));
	assert.ok(isOpen(night, Date.UTC(2026, 10, 29, 23)));
});

test('days in a row are said together', () => {
	assert.deepEqual(runsOf([0, 1, 2, 5]), [[0, 2], [5, 5]]);
	assert.deepEqual(runsOf([6, 4]), [[4, 4], [6, 6]]);
});

test('a discount is rounded down, kept under its ceiling, and never more than the basket', () => {
	const EUR = { currency: 'EUR' };
	assert.equal(discountOf({ offer: 'amount_off', amount: 500, ...EUR }, 2000, 'EUR'), 500);
	assert.equal(discountOf({ offer: 'amount_off', amount: 500, ...EUR }, 300, 'EUR'), 300);
	assert.equal(discountOf({ offer: 'amount_off', amount: 500, min_spend: 2001, ...EUR }, 2000, 'EUR'), undefined);
	assert.equal(discountOf({ offer: 'percent_off', percent: 33, ...EUR }, 101, 'EUR'), 33);
	assert.equal(discountOf({ offer: 'percent_off', percent: 20, amount: 500, ...EUR }, 9000, 'EUR'), 500);
	assert.equal(discountOf({ offer: 'free_item', amount: 350, item: 'Tea', ...EUR }, 1000, 'EUR'), 350);
	assert.equal(discountOf({ offer: 'cash', amount: 1000, ...EUR }, 700, 'EUR'), 700);
	assert.equal(discountOf({ offer: 'buy_x_get_y', buy: 2, get: 1, amount: 350, ...EUR }, 1000, 'EUR'), undefined);
	assert.equal(discountOf({ offer: 'cash', amount: 1000, ...EUR }, 700, 'JPY'), undefined);
	assert.equal(discountOf({ offer: 'percent_off', percent: 100, ...EUR }, 10 ** 12, 'EUR'), 10 ** 12);
});
