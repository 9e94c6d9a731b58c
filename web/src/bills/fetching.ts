/** Ask a biller what is due. The house asks it now, which may take a while. */

import { request } from '$lib/api';
import type { Bill, Customer } from './types';

const DEADLINE_MS = 30_000;

/** @throws {Failure} */
export const fetchBill = (biller: string, customer: Customer): Promise<Bill> =>
	request<Bill>('POST', '/bills/fetch', { biller, customer }, DEADLINE_MS);
