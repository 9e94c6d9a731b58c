/** What can be kept of a media, in words: its best picture or film first, then what the camera made. */

import type { MediaCard, MediaFile, Variant } from '$lib/engine/types';
import { t } from '$lib/i18n';
import { fileSize } from './time';

export interface Offer {
	label: string;
	file: MediaFile;
}

export function downloadsOf(kind: string, card: MediaCard): Offer[] {
	const file = (...variants: Variant[]) => variants.map((variant) => card.files.find((one) => one.variant === variant)).find(Boolean);
	const sized = (key: string, one: MediaFile) => ({ label: t(`chats.${key}`, { size: fileSize(one.size) }), file: one });
	const offers: Offer[] = [];
	const original = file('original');
	if (kind === 'live_photo') {
		const still = file('large', 'medium', 'small');
		const moment = file('video');
		const originalMoment = file('original_video');
		if (still) offers.push(sized('mediaKeepStill', still));
		if (moment) offers.push(sized('mediaKeepMoment', moment));
		if (original) offers.push(sized('mediaKeepOriginal', original));
		if (originalMoment) offers.push(sized('mediaKeepOriginalMoment', originalMoment));
		return offers;
	}
	const best = kind === 'picture' ? file('large', 'medium', 'small', 'video') : file('video', 'audio');
	if (best) offers.push(sized(kind === 'picture' ? 'mediaKeepPicture' : 'mediaKeepFilm', best));
	if (original) offers.push(sized('mediaKeepOriginal', original));
	return offers;
}
