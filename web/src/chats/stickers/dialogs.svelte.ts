/** Which window of the stickers is open over the chats. They are opened from popovers, which close when one opens. */

import type { StickerCard } from '$lib/engine/types';

export type StickerDialog =
	| { kind: 'pack'; pack: string; sticker?: StickerCard }
	| { kind: 'sticker'; sticker: StickerCard }
	| { kind: 'maker' }
	| { kind: 'import'; folder: boolean };

export const dialogs = $state<{ open?: StickerDialog }>({});

export function openDialog(dialog: StickerDialog): void {
	dialogs.open = dialog;
}

/** Look at a sticker: its pack, or itself when it is in none. */
export function lookAt(sticker: StickerCard): void {
	openDialog(sticker.pack ? { kind: 'pack', pack: sticker.pack, sticker } : { kind: 'sticker', sticker });
}
