/** Places: how their coordinates are written, found in what people paste, and opened in a map. Pure. */

export interface Place {
	latitude: number;
	longitude: number;
}

const NUMBER = String.raw`([-+]?\d{1,3}(?:\.\d+)?)`;
/** Latitude first, in the addresses of most maps. */
const LINKS = [
	new RegExp(String.raw`^geo:${NUMBER},${NUMBER}`),
	new RegExp(String.raw`!3d${NUMBER}!4d${NUMBER}`),
	new RegExp(String.raw`[?&]mlat=${NUMBER}&mlon=${NUMBER}`),
	new RegExp(String.raw`#map=\d+(?:\.\d+)?/${NUMBER}/${NUMBER}`),
	new RegExp(String.raw`[?&](?:q|query|ll|sll|daddr|destination|center|coordinate)=(?:loc:)?${NUMBER}(?:,|%2C)\+?(?:%20)?${NUMBER}`, 'i'),
	new RegExp(String.raw`/@${NUMBER},${NUMBER}`)
];
/** Longitude first. */
const TURNED = [
	new RegExp(String.raw`//(?:[\w-]+\.)*yandex\.[a-z.]+/.*[?&](?:pt|ll)=${NUMBER}(?:,|%2C)${NUMBER}`, 'i'),
	new RegExp(String.raw`//(?:[\w-]+\.)*2gis\.[a-z.]+/.*?[/?&](?:m=|geo/(?:\d+/)?)${NUMBER}(?:,|%2C)${NUMBER}`, 'i')
];
const PLAIN = new RegExp(String.raw`^\(?${NUMBER}°?\s*([NS])?\s*[,;\s]\s*${NUMBER}°?\s*([EW])?\)?$`, 'i');
const MINUTES = /(\d{1,3})°\s*(\d{1,2}(?:\.\d+)?)['′]\s*(?:(\d{1,2}(?:\.\d+)?)["″]\s*)?([NSEW])/gi;

function placeOf(latitude: number, longitude: number): Place | undefined {
	const good = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
	return good ? { latitude, longitude } : undefined;
}

/** The place in a pasted text: coordinates in degrees or in degrees and minutes, or the link of a map. */
export function placeIn(pasted: string): Place | undefined {
	const text = pasted.trim().slice(0, 2000);
	for (const pattern of TURNED) {
		const found = pattern.exec(text);
		if (found) return placeOf(Number(found[2]), Number(found[1]));
	}
	for (const pattern of LINKS) {
		const found = pattern.exec(text);
		if (found) return placeOf(Number(found[1]), Number(found[2]));
	}
	const plain = PLAIN.exec(text);
	if (plain) {
		const south = plain[2]?.toUpperCase() === 'S' ? -1 : 1;
		const west = plain[4]?.toUpperCase() === 'W' ? -1 : 1;
		return placeOf(Number(plain[1]) * south, Number(plain[3]) * west);
	}
	const parts = [...text.matchAll(MINUTES)].map(([, degrees, minutes, seconds = '0', side]) => ({
		degrees: Number(degrees) + Number(minutes) / 60 + Number(seconds) / 3600,
		side: side!.toUpperCase()
	}));
	const latitude = parts.find(({ side }) => 'NS'.includes(side));
	const longitude = parts.find(({ side }) => 'EW'.includes(side));
	if (!latitude || !longitude) return;
	return placeOf(latitude.degrees * (latitude.side === 'S' ? -1 : 1), longitude.degrees * (longitude.side === 'W' ? -1 : 1));
}

/** Five decimals: a metre or so. */
export function written({ latitude, longitude }: Place): string {
	return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
}

/** What opens a place in the person's own map: the app of a phone, OpenStreetMap elsewhere. */
export function mapLink({ latitude, longitude }: Place, name: string, agent: string): string {
	const at = `${latitude.toFixed(6)},${longitude.toFixed(6)}`;
	if (/Android/i.test(agent)) return `geo:${at}?q=${at}${name ? encodeURIComponent(`(${name})`) : ''}`;
	if (/iPhone|iPad/i.test(agent)) return `https://maps.apple.com/?ll=${at}&q=${encodeURIComponent(name || at)}`;
	const [lat, lon] = at.split(',');
	return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=16/${lat}/${lon}`;
}
