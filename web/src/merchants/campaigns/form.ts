/** What the campaign form chooses among. */

export const OFFERS = ['amount_off', 'percent_off', 'free_item', 'buy_x_get_y', 'cash'];

export const COLOURS: [string, string][] = [
	['red', '#c8402f'],
	['orange', '#d97726'],
	['yellow', '#d2a818'],
	['green', '#3f8f4f'],
	['teal', '#1f8a80'],
	['blue', '#3a6fc4'],
	['purple', '#7a55b8'],
	['pink', '#c8528c'],
	['grey', '#77726a']
];

/** An instant as `<input type="datetime-local">` has it, in the device's zone. */
export function localOf(at: number): string {
	const date = new Date(at);
	return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const atLocal = (text: string): number => Date.parse(text) || 0;
