/** What a notice leads to, and its date and reason in words. */

import type { NoticeContent } from '$lib/engine/types';
import { t } from '$lib/i18n';

interface Step {
	to: string;
	/** The key of its words. */
	words: string;
	/** What one most likely wants now. */
	main: boolean;
}

type What = NoticeContent['what'];

const STEPS: Record<What, (ref: string) => Step> = {
	bill_due: (ref) => ({ to: `/wallet/bills/pay/${ref}`, words: 'bills.pay_now', main: true }),
	bill_above_ceiling: (ref) => ({ to: `/wallet/bills/pay/${ref}`, words: 'bills.pay_now', main: true }),
	autopay_failed: (ref) => ({ to: `/wallet/bills/pay/${ref}`, words: 'bills.pay_now', main: true }),
	bill_paid: (ref) => ({ to: `/wallet/bills/payments/${ref}`, words: 'bills.see_payment', main: false }),
	bill_returned: (ref) => ({ to: `/wallet/bills/payments/${ref}`, words: 'bills.see_payment', main: false }),
	bill_reversed: (ref) => ({ to: `/wallet/bills/payments/${ref}`, words: 'bills.see_payment', main: false }),
	coupon_expires: (ref) => ({ to: `/wallet/coupons/${ref}`, words: 'bills.open_coupon', main: true }),
	order_refunded: (ref) => ({ to: `/o/${ref}`, words: 'bills.see_order', main: false })
};

/** A newer house may tell of more than this client knows. */
export const noticeStep = ({ what, ref }: NoticeContent): Step | undefined => (ref ? STEPS[what]?.(ref) : undefined);

const DUE: What[] = ['bill_due', 'bill_above_ceiling', 'autopay_failed'];

export const noticeWhen = ({ what }: NoticeContent): string =>
	DUE.includes(what) ? 'bills.notice_due' : what === 'coupon_expires' ? 'bills.notice_ends' : 'bills.notice_at';

const CODES = new Set([
	'no_answer',
	'reversed',
	'insufficient_funds',
	'limit_exceeded',
	'biller_away',
	'biller_paused',
	'no_such_customer',
	'wrong_customer_field',
	'above_ceiling'
]);
const REFUSED = 'refused:';

/** A code in our words, else the biller's own. */
export function noticeWhy({ why = '' }: NoticeContent): string {
	if (why.startsWith(REFUSED)) {
		const words = why.slice(REFUSED.length).trim();
		return words ? t('bills.reason_refused', { words }) : t('bills.reason_refused_plain');
	}
	if (CODES.has(why)) return t(`bills.why_${why}`);
	return /^[a-z_]+$/.test(why) ? '' : why;
}
