/**
 * What each kind of content is in words and in outline: for lists, replies and screen readers, which show it without its
 * component (those come with a conversation, see `registry.ts`).
 */

import { engine } from '$lib/engine';
import type {
	AlbumContent,
	AnyContent,
	CallContent,
	ContactCardContent,
	CouponContent,
	FileContent,
	LivePhotoContent,
	LocationContent,
	MediaCard,
	NoticeContent,
	PictureContent,
	PollContent,
	RecalledContent,
	RedPacketContent,
	SplitContent,
	StickerContent,
	SystemContent,
	TextContent,
	TransferContent,
	VideoContent,
	VideoNoteContent,
	VoiceContent
} from '$lib/engine/types';
import { formatList, t } from '$lib/i18n';
import { formatMoney } from '$src/wallet/money';
import { plainOf } from '../format/tokens';
import { clock } from '../media/time';
import { excerptWith } from '../media/words';
import { emojiOf } from '../stickers/emoji';
import { callLine } from './callLine';

const EXCERPT_MAX = 240;

interface Kind<C> {
	/**
	 * `bubble`, `flush` and `bare` are things a person said: words on the ground of a bubble; a picture from edge to edge
	 * of it, with the time laid over; a figure without a ground. `card` is flush too, but leaves room for the time in its
	 * foot. `line` is a centred word about the chat.
	 */
	shape: 'bubble' | 'flush' | 'card' | 'bare' | 'line';
	/** One line of plain words. */
	excerpt(content: C, sender: string): string;
	/** Its last line leaves room for the time at its end. */
	tucks?: boolean;
	/** What stands for it where there is room for a stamp only; its words then need no sign. */
	stamp?(content: C): MediaCard | undefined;
}

const text: Kind<TextContent> = {
	shape: 'bubble',
	excerpt: ({ text }) => plainOf(text.slice(0, EXCERPT_MAX)).replace(/\s+/g, ' ')
};

const picture: Kind<PictureContent> = {
	shape: 'flush',
	stamp: ({ media }) => media,
	excerpt: (content) => excerptWith(t('chats.mediaPicture'), content)
};

const album: Kind<AlbumContent> = {
	shape: 'flush',
	stamp: ({ items }) => items[0]?.media,
	excerpt: (content) => excerptWith(t('chats.mediaAlbum', { count: content.items.length }), content)
};

const live_photo: Kind<LivePhotoContent> = {
	shape: 'flush',
	stamp: ({ media }) => media,
	excerpt: (content) => excerptWith(t('chats.mediaLivePhoto'), content)
};

const video: Kind<VideoContent> = {
	shape: 'flush',
	stamp: ({ media }) => media,
	excerpt(content) {
		const { animated, duration = 0 } = content.media;
		return excerptWith(animated ? t('chats.mediaGif') : t('chats.mediaVideoOf', { duration: clock(duration) }), content);
	}
};

const video_note: Kind<VideoNoteContent> = {
	shape: 'bare',
	stamp: ({ media }) => media,
	excerpt: ({ media }) => t('chats.voiceNoteOf', { duration: clock(media.duration ?? 0) })
};

const voice: Kind<VoiceContent> = {
	shape: 'bubble',
	tucks: true,
	excerpt: ({ media }) => `🎤 ${t('chats.voiceMessageOf', { duration: clock(media.duration ?? 0) })}`
};

const file: Kind<FileContent> = {
	shape: 'bubble',
	tucks: true,
	excerpt: (content) => excerptWith(`📄 ${content.media.name || t('chats.mediaFile')}`, content)
};

const sticker: Kind<StickerContent> = {
	shape: 'bare',
	excerpt: ({ sticker }) => `${emojiOf(sticker)[0] ?? ''} ${t('chats.sticker')}`.trim()
};

const location: Kind<LocationContent> = {
	shape: 'bubble',
	tucks: true,
	excerpt: ({ name }) => `📍 ${name || t('chats.location')}`
};

const contact: Kind<ContactCardContent> = { shape: 'bubble', tucks: true, excerpt: ({ person }) => `👤 ${person.name}` };

const poll: Kind<PollContent> = { shape: 'bubble', tucks: true, excerpt: ({ question }) => `📊 ${question}` };

const transfer: Kind<TransferContent> = { shape: 'card', excerpt: (money) => `💸 ${formatMoney(money)}` };

const red_packet: Kind<RedPacketContent> = {
	shape: 'card',
	excerpt: ({ greeting }) => `🧧 ${greeting || t('chats.redPacket')}`
};

const coupon: Kind<CouponContent> = { shape: 'card', excerpt: ({ name, title }) => `🎟 ${name}: ${title}` };

const split: Kind<SplitContent> = { shape: 'card', excerpt: ({ title }) => `🧾 ${title}` };

const call: Kind<CallContent> = {
	shape: 'card',
	excerpt: (content, sender) => `${content.video ? '🎥' : '📞'} ${callLine(content, sender)}`
};

const notice: Kind<NoticeContent> = {
	shape: 'card',
	excerpt: ({ what, title = '' }) => `🔔 ${t(`chats.notice_${what}`)}${title && `: ${title}`}`
};

const recalled: Kind<RecalledContent> = {
	shape: 'line',
	excerpt({ by }, sender) {
		const me = engine.me?.person.id;
		if (by === me) return t(sender === me ? 'chats.youRecalled' : 'chats.youRecalledOf', { whose: engine.nameOf(sender) });
		if (by === sender) return t('chats.recalled', { who: engine.nameOf(by) });
		return t(sender === me ? 'chats.recalledOfYou' : 'chats.recalledOf', { who: engine.nameOf(by), whose: engine.nameOf(sender) });
	}
};

const SYSTEM = new Set([
	'created',
	'joined',
	'added',
	'left',
	'removed',
	'renamed',
	'picture_changed',
	'topic_changed',
	'role_changed',
	'owner_changed',
	'announcement_only',
	'open_to_all',
	'contacts_now'
]);

const system: Kind<SystemContent> = {
	shape: 'line',
	/** Who did it comes first in `people`, and whom it was done to after. */
	excerpt({ what, people = [], value = '' }) {
		const me = engine.me?.person.id;
		const nameOf = (id: string) => (id === me ? t('chats.you') : engine.nameOf(id));
		const [first = '', ...others] = people;
		const words = {
			who: nameOf(first),
			whom: formatList((others.length ? others : [first]).map((id) => (id === me ? t('chats.youObject') : engine.nameOf(id)))),
			value
		};
		if (!SYSTEM.has(what)) return t('chats.system_other');
		const form = what === 'role_changed' ? `${what}_${value}` : what === 'topic_changed' && !value ? 'topic_removed' : what;
		return t(`chats.system_${form}${first === me ? '_you' : ''}`, words);
	}
};

const unknown: Kind<AnyContent> = { shape: 'bubble', excerpt: () => t('chats.unknownKind') };

const kinds: { [K in AnyContent['kind']]: Kind<Extract<AnyContent, { kind: K }>> } = {
	text, picture, album, live_photo, video, video_note, voice, file, sticker, location, contact, poll, transfer, red_packet,
	coupon, split, call, notice,
	recalled, system
};

/** A newer house may send kinds that this client does not know. */
export function kindOf(content: AnyContent): Kind<AnyContent> {
	return (kinds[content.kind] as Kind<AnyContent> | undefined) ?? unknown;
}

/** Said by a person, not told about the chat. */
export function isSaid({ content }: { content: AnyContent }): boolean {
	return kindOf(content).shape !== 'line';
}

export function stampOf({ content }: { content: AnyContent }): MediaCard | undefined {
	return kindOf(content).stamp?.(content);
}

/** The words under what is shown. */
export function captionOf(content: AnyContent): string {
	return 'caption' in content ? (content.caption ?? '') : '';
}

/** What one wrote of it and may change: a text, or the words under a picture. */
export function wordsOf(content: AnyContent): string {
	return content.kind === 'text' ? content.text : captionOf(content);
}

export function excerptOf({ content, sender }: { content: AnyContent; sender: string }): string {
	return kindOf(content).excerpt(content, sender);
}
