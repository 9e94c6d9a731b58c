/** Keys for a form: the same for the same body, also when one gave up after a cut and tries again; never twice then. */

import { newKey } from '../key';

export function keyPerBody(): (body: object) => string {
	let last = '';
	let key = '';
	return (body) => {
		const text = JSON.stringify(body);
		if (text !== last) {
			last = text;
			key = newKey();
		}
		return key;
	};
}
