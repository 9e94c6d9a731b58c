/** One's receive code as a picture for others: name, face, code, and what is asked for. */

import { initialsOf, glazeOf, pictureUrl } from '$lib/ui/avatar';
import type { Person } from '$lib/engine/types';
import { qrAddress } from '../../contacts/links';

const WIDTH = 720;
const HEIGHT = 960;
const EDGE = 48;
const FACE = 112;
const CODE = 560;
const FACE_TOP = 56;
const INK = '#26231d';
const SOFT = '#5a5446';
const SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Noto Sans CJK SC", sans-serif';

export interface Shown {
	person: Person;
	/** What the code holds. */
	text: string;
	/** Above the code: the sum that is asked for, or what to do with it. */
	headline: string;
	/** Below it. */
	note: string;
	house: string;
}

async function image(address: string): Promise<HTMLImageElement> {
	const picture = new Image(CODE, CODE);
	picture.src = address;
	await picture.decode();
	return picture;
}

export async function drawCode({ person, text, headline, note, house }: Shown): Promise<Blob> {
	const canvas = document.createElement('canvas');
	canvas.width = WIDTH;
	canvas.height = HEIGHT;
	const draw = canvas.getContext('2d');
	if (!draw) throw new Error('This browser draws no pictures');
	draw.fillStyle = '#ffffff';
	draw.fillRect(0, 0, WIDTH, HEIGHT);
	await drawFace(draw, person);

	const beside = EDGE + FACE + 28;
	write(draw, person.name, { x: beside, y: FACE_TOP + 52, size: 40, weight: 600, width: WIDTH - beside - EDGE });
	write(draw, `@${person.handle}`, { x: beside, y: FACE_TOP + 94, size: 26, colour: SOFT, width: WIDTH - beside - EDGE });

	const centre = { x: WIDTH / 2, align: 'center' as const, width: WIDTH - 2 * EDGE };
	write(draw, headline, { ...centre, y: 246, size: 46, weight: 600 });
	draw.imageSmoothingEnabled = false;
	draw.drawImage(await image(qrAddress(text)), (WIDTH - CODE) / 2, 268, CODE, CODE);
	write(draw, note, { ...centre, y: 868, size: 28 });
	write(draw, house, { ...centre, y: 922, size: 24, colour: SOFT });

	const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
	if (!blob) throw new Error('This browser makes no PNG');
	return blob;
}

async function drawFace(draw: CanvasRenderingContext2D, person: Person): Promise<void> {
	draw.save();
	draw.beginPath();
	draw.roundRect(EDGE, FACE_TOP, FACE, FACE, FACE * 0.3);
	draw.clip();
	const picture = person.picture ? await image(pictureUrl(person.picture, FACE)).catch(() => undefined) : undefined;
	if (picture) {
		draw.drawImage(picture, EDGE, FACE_TOP, FACE, FACE);
	} else {
		draw.fillStyle = glazeOf(person.id);
		draw.fillRect(EDGE, FACE_TOP, FACE, FACE);
		const at = { x: EDGE + FACE / 2, y: FACE_TOP + FACE * 0.64, size: FACE * 0.4, weight: 600, width: FACE };
		write(draw, initialsOf(person.name), { ...at, colour: '#ffffff', align: 'center' });
	}
	draw.restore();
}

interface Written {
	x: number;
	y: number;
	size: number;
	width: number;
	weight?: number;
	colour?: string;
	align?: CanvasTextAlign;
}

/** One line; what is too long ends in an ellipsis. */
function write(draw: CanvasRenderingContext2D, text: string, at: Written): void {
	draw.font = `${at.weight ?? 400} ${at.size}px ${SANS}`;
	draw.fillStyle = at.colour ?? INK;
	draw.textAlign = at.align ?? 'left';
	let line = text;
	while (line && draw.measureText(line === text ? line : `${line}…`).width > at.width) line = [...line].slice(0, -1).join('');
	draw.fillText(line === text ? line : `${line}…`, at.x, at.y);
}
