/** What the campaign form chooses among. */

export const OFFERS = ['amount_off', 'percent_off', 'free_item', 'buy_x_get_y', 'cash'];

/** An instant as `<input type="datetime-local">` has it, in the device's zone. */
export function localOf(at: number): string {
	const date = new Date(at);
	return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const atLocal = (text: string): number => Date.parse(text) || 0;
