/** Stickers that one made: into a pack of one's own, which is begun with the first one. */

import { request } from '$lib/api';
import { engine } from '$lib/engine';
import { uploadFile } from '$lib/engine/uploads';
import { t } from '$lib/i18n';
import { stickers, type Pack, type PackSticker } from '../panel.svelte';

/** The same on every device, so that there is one such pack however often it is begun. */
const NONCE = 'mine';

/** Packs that one may add to. */
export function ownPacks(): Pack[] {
	const me = engine.me?.person.id;
	return (stickers.panel?.packs ?? []).filter(({ owner }) => !!owner && owner === me);
}

/** @throws {Failure} */
export async function keepSticker(file: Blob, emoji: string, into: string): Promise<PackSticker> {
	const upload = await uploadFile(file, { name: 'sticker.webp' });
	const pack = into || (await engine.command<{ pack: string }>('sticker.pack.create', { nonce: NONCE, name: t('chats.stickerMine') })).pack;
	const made = await request<PackSticker>('POST', `/stickers/packs/${pack}/stickers`, { upload, emoji });
	await stickers.read().catch(() => undefined);
	return made;
}
