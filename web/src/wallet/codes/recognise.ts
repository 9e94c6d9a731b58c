/** What a scanned, pasted or typed text is, to the wallet. Nothing is opened by being read. */

import { isReceiveText, payCodeOf } from '$lib/scan/money';
import { parseLink, type HouseLink } from '../../contacts/links';

export type Seen =
	/** Somebody's receive code, as EMVCo text or as its link: the house says whose. */
	| { kind: 'pay'; text: string }
	/** Somebody's pay code: one may ask them for a sum. */
	| { kind: 'charge'; code: string }
	/** A person, a chat, an invitation or stickers of this house. */
	| { kind: 'link'; link: HouseLink }
	/** A link of another house. */
	| { kind: 'elsewhere' }
	| { kind: 'nothing' };

export function recognise(text: string): Seen {
	const code = payCodeOf(text);
	if (code) return { kind: 'charge', code };
	if (isReceiveText(text)) return { kind: 'pay', text: text.trim() };
	const link = parseLink(text);
	if (typeof link === 'string') return { kind: link };
	return link.kind === 'r' ? { kind: 'pay', text: text.trim() } : { kind: 'link', link };
}
