/** The merchants that one works for: read when first needed, again when one of them changed or the house is back. */

import { request } from '$lib/api';
import { engine } from '$lib/engine';
import { shopProblem } from './problem';
import type { Role, Shop } from './types';

const SOON_MS = 200;
const RANK: Record<Role, number> = { cashier: 0, manager: 1, owner: 2 };

let all = $state.raw<Shop[]>();
let problem = $state('');
let timer: ReturnType<typeof setTimeout> | undefined;
let asked = 0;

export const shops = {
	get all(): Shop[] | undefined {
		return all;
	},
	get problem(): string {
		return problem;
	}
};

export const idOf = (shop: Shop): string => shop.merchant.person.id;

export function shopOf(merchant: string): Shop | undefined {
	return all?.find((shop) => idOf(shop) === merchant);
}

/** Whether one may do what takes this role. */
export function mayAs(shop: Shop, least: Role): boolean {
	return RANK[shop.role] >= RANK[least];
}

export async function loadShops(): Promise<void> {
	clearTimeout(timer);
	const turn = ++asked;
	try {
		const read = await request<Shop[]>('GET', '/merchants/mine');
		if (turn !== asked) return;
		all = read;
		problem = '';
	} catch (error) {
		if (turn === asked) problem = shopProblem(error);
	}
}

/** Begin to follow them; returns how to stop. */
export function followShops(): () => void {
	const soon = () => {
		clearTimeout(timer);
		timer = setTimeout(loadShops, SOON_MS);
	};
	const stops = [engine.listen('merchant.changed', soon), engine.listen('order.changed', soon)];
	return () => {
		clearTimeout(timer);
		for (const stop of stops) stop();
	};
}
