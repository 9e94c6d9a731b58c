/** Calls to phones in plain words: numbers, prices, states, refusals. */

import { engine } from '$lib/engine';
import type { Contact } from '$lib/engine/types';
import { codeOf, formatDuration, formatNumber, problemText, t } from '$lib/i18n';
import { exponentOf, formatMoney } from '$src/wallet/money';
import { DeviceProblem } from '../shared/openings';
import type { PhoneCall, Price } from './types';

/** A number that shorter ones may be the end of: `030 90 18 20` of `+493090 1820`. */
const SAME_DIGITS_MIN = 7;
const E4 = 10_000;

const digitsOf = (text: string) => text.replace(/\D/g, '').replace(/^0+/, '');

/** The contact to whom a number (E.164) belongs. */
export function contactOf(number: string): Contact | undefined {
	const digits = digitsOf(number);
	if (digits.length < SAME_DIGITS_MIN) return undefined;
	return engine.contacts.find(({ phone = '' }) => {
		const own = digitsOf(phone);
		return own.length >= SAME_DIGITS_MIN && (digits.endsWith(own) || own.endsWith(digits));
	});
}

/** Who is at the other end: a contact's name, the number as it is written, or that it is withheld. */
export function lineOf({ number = '', formatted = '' }: Pick<PhoneCall, 'number' | 'formatted'>): string {
	const contact = contactOf(number);
	return contact ? contact.remark || contact.person.name : formatted || number || t('phone.withheld');
}

/** The flag of an ISO country code; nothing for numbers of no country. */
export function flagOf(country: string): string {
	return /^[A-Z]{2}$/.test(country) ? String.fromCodePoint(...[...country].map((letter) => 0x1f1a5 + letter.charCodeAt(0))) : '';
}

/** A price by the minute, with as many digits as it has. */
export function formatE4(amount: number, currency: string): string {
	const digits = exponentOf(currency);
	return formatNumber(amount / E4 / 10 ** digits, {
		style: 'currency',
		currency,
		currencyDisplay: 'narrowSymbol',
		minimumFractionDigits: digits,
		maximumFractionDigits: digits + 4
	});
}

export function priceWords(price: Price): string {
	if (!price.per_minute_e4 && !price.connection_e4) return t('phone.free');
	const minute = t('phone.per_minute', { price: formatE4(price.per_minute_e4, price.currency) });
	return price.connection_e4 ? t('phone.with_connection', { minute, fee: formatE4(price.connection_e4, price.currency) }) : minute;
}

/** How it is counted, where that is not by the second. */
export function stepsWords({ first_s, next_s }: Price): string {
	if (next_s === 1) return first_s === 1 ? t('phone.by_second') : t('phone.then_by_second', { first: first_s });
	return first_s === next_s ? t('phone.each', { next: next_s }) : t('phone.steps', { first: first_s, next: next_s });
}

export function lastsWords(seconds: number): string {
	if (seconds >= 86_400) return t('phone.lasts_long');
	return seconds < 60 ? t('phone.lasts_seconds', { count: seconds }) : t('phone.lasts', { time: formatDuration(Math.floor(seconds / 60) * 60_000) });
}

/** What goes on, for who looks and for who listens. */
export function stateWords(call: PhoneCall, talk: string): string {
	if (call.ended_at) return reasonWords(call.reason || 'hung_up');
	if (call.state === 'answered') return talk;
	return t(call.direction === 'in' ? 'phone.comes' : `phone.state_${call.state}`);
}

export function reasonWords(reason: string): string {
	return t(`phone.reason_${reason}`);
}

/** What was used by now: its price counted on this device until the house says what it was. */
export function costNow(call: PhoneCall, seconds: number): string {
	const { price, cost } = call;
	if (!price || !cost) return '';
	if (call.ended_at || call.state !== 'answered') return formatMoney(cost);
	const billed = seconds <= price.first_s ? price.first_s : price.first_s + Math.ceil((seconds - price.first_s) / price.next_s) * price.next_s;
	return formatMoney({ amount: Math.ceil((price.connection_e4 + (price.per_minute_e4 * billed) / 60) / E4), currency: price.currency });
}

const REFUSALS: Record<string, string> = {
	not_a_number: 'phone.refused_not_a_number',
	emergency_number: 'phone.refused_emergency',
	number_kind_off: 'phone.refused_kind',
	destination_off: 'phone.refused_destination',
	too_dear: 'phone.refused_dear',
	level_needed: 'phone.refused_level',
	call_limit: 'phone.refused_limit',
	no_rate: 'phone.refused_no_rate',
	phone_off: 'phone.refused_off',
	no_wallet: 'phone.refused_no_wallet',
	insufficient_funds: 'phone.refused_funds',
	already_calling: 'phone.refused_already',
	call_elsewhere: 'phone.refused_elsewhere',
	call_over: 'phone.refused_over',
	bad_offer: 'phone.refused_browser',
	media_unavailable: 'phone.refused_sound'
};

/** A code by which a call would be refused. */
export function refusalWords(code: string): string {
	return t(REFUSALS[code] ?? 'phone.refused_other');
}

export function phoneProblem(problem: unknown): string {
	if (problem instanceof DeviceProblem) return t(`phone.microphone_${problem.reason}`);
	const { fields = {} } = (problem ?? {}) as { fields?: Record<string, unknown> };
	if (codeOf(problem) === 'call_limit' && typeof fields.what === 'string') return t(`phone.limit_${fields.what}`);
	return problemText(problem, REFUSALS);
}
