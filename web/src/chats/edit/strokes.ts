/** Lines drawn on a picture, in its own pixels. */

import { getStroke } from 'perfect-freehand';
import type { Point } from './geometry';

export interface Stroke {
	points: [x: number, y: number, pressure: number][];
	colour: string;
	/** Diameter. */
	size: number;
	/** Drawn with a pen that tells its pressure. */
	pen: boolean;
}

export const COLOURS = ['#ffffff', '#14110c', '#e5484d', '#f5a524', '#ffdc3d', '#30a46c', '#3b82f6', '#b455d8'] as const;

/** The outline of a stroke as an SVG path. */
export function pathOf(stroke: Stroke): string {
	const outline = getStroke(stroke.points, {
		size: stroke.size,
		thinning: 0.5,
		smoothing: 0.5,
		streamline: 0.45,
		simulatePressure: !stroke.pen
	});
	if (!outline.length) return '';
	const parts = outline.map(([x, y], at) => {
		const [nextX, nextY] = outline[(at + 1) % outline.length]!;
		return `${x.toFixed(1)} ${y.toFixed(1)} ${((x + nextX) / 2).toFixed(1)} ${((y + nextY) / 2).toFixed(1)}`;
	});
	const [first] = outline;
	return `M${first![0].toFixed(1)} ${first![1].toFixed(1)}Q${parts.join(' ')}Z`;
}

/** True when an eraser of this radius touches the stroke. */
export function touches(stroke: Stroke, { x, y }: Point, radius: number): boolean {
	const reach = (radius + stroke.size / 2) ** 2;
	return stroke.points.some(([toX, toY], at) => {
		const [fromX, fromY] = stroke.points[Math.max(0, at - 1)]!;
		const [dx, dy] = [toX - fromX, toY - fromY];
		const length = dx * dx + dy * dy;
		const along = length ? Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / length)) : 0;
		return (x - fromX - along * dx) ** 2 + (y - fromY - along * dy) ** 2 <= reach;
	});
}
