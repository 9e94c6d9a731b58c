/** Customers, reasons and numbers in words. */

import { t } from '$lib/i18n';
import { billProblem } from './problem';
import type { BillPayment, Customer } from './types';

/** The numbers that say who the customer is, in one line. */
export const customerLine = (customer: Customer): string => Object.values(customer).join(' · ');

/** The same with what each is called: "Meter number 4000 0002". */
export const namedLine = (of: Pick<BillPayment, 'biller' | 'customer'>): string =>
	customerFacts(of)
		.map((fact) => fact.join(' '))
		.join(' · ');

/** Each number under the name that its biller gives it. */
export function customerFacts({ biller, customer }: Pick<BillPayment, 'biller' | 'customer'>): [string, string][] {
	const labels = new Map(biller.fields.map(({ name, label }) => [name, label]));
	return Object.entries(customer).map(([name, value]) => [labels.get(name) ?? name, value]);
}

const REFUSED = 'refused:';

/** Why money came back, or a bill could not be paid by itself: codes in our words, else the biller's own. */
export function reasonText(reason: string): string {
	if (!reason) return '';
	if (reason.startsWith(REFUSED)) {
		const words = reason.slice(REFUSED.length).trim();
		return words ? t('bills.reason_refused', { words }) : t('bills.reason_refused_plain');
	}
	if (reason === 'no_answer' || reason === 'reversed') return t(`bills.reason_${reason}`);
	return /^[a-z_]+$/.test(reason) ? billProblem({ code: reason }) : reason;
}
