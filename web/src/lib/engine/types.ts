/** The API's types under short names, generated from the server's OpenAPI page (`make types`). */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type Person = Schemas['Person'];
export type Me = Schemas['Me'];
export type Contact = Schemas['Contact'];
export type ContactRequest = Schemas['ContactRequest'];

export type MediaCard = Schemas['MediaCard'];
export type MediaFile = Schemas['MediaFile'];
export type MediaState = Schemas['MediaState'];
export type MediaKind = MediaState['kind'];
export type Variant = MediaFile['variant'];
export type StickerCard = Schemas['StickerCard'];
export type Preview = Schemas['Preview'];
export type PollVotes = Schemas['PollVotes'];

/** The page's item type is wider than what the server takes: ids are strings. */
export type NewTextContent = Omit<Schemas['NewText'], 'mentions'> & { mentions?: string[] };
export type NewCaptionContent = Schemas['NewCaption'];
export type NewPollContent = Omit<Schemas['NewPoll'], 'options'> & { options: string[] };
export type NewLocationContent = Schemas['NewLocation'];
/** What people send that needs no upload; what does is a `MediaDraft`. */
export type NewContent =
	| NewTextContent
	| NewPollContent
	| NewLocationContent
	| Schemas['NewSticker']
	| Schemas['NewContactCard']
	| NewMediaContent;
/** What the outbox sends of a `MediaDraft` once its media are ready. */
export type NewMediaContent =
	| Schemas['NewPicture']
	| (Omit<Schemas['NewAlbum'], 'items'> & { items: string[] })
	| Schemas['NewVideo']
	| Schemas['NewVideoNote']
	| Schemas['NewVoice']
	| Schemas['NewLivePhoto']
	| Schemas['NewFile'];

export type TextContent = Schemas['Text'];
export type PictureContent = Schemas['Picture'];
export type AlbumContent = Schemas['Album'];
export type AlbumItem = Schemas['AlbumItem'];
export type VideoContent = Schemas['Video'];
export type VideoNoteContent = Schemas['VideoNote'];
export type VoiceContent = Schemas['Voice'];
export type LivePhotoContent = Schemas['LivePhoto'];
export type FileContent = Schemas['File'];
export type StickerContent = Schemas['Sticker'];
export type LocationContent = Schemas['Location'];
export type ContactCardContent = Schemas['ContactCard'];
export type PollContent = Schemas['Poll'];
export type TransferContent = Schemas['Transfer'];
export type RedPacketContent = Schemas['RedPacket'];
export type CouponContent = Schemas['CouponCard'];
export type SplitContent = Schemas['SplitCard'];
export type CallContent = Schemas['CallCard'];
export type NoticeContent = Schemas['Notice'];
export type RecalledContent = Schemas['Recalled'];
export type SystemContent = Schemas['System'];
export type MediaContent =
	| PictureContent
	| AlbumContent
	| VideoContent
	| VideoNoteContent
	| VoiceContent
	| LivePhotoContent
	| FileContent;
/** What is told. */
export type AnyContent =
	| TextContent
	| MediaContent
	| StickerContent
	| LocationContent
	| ContactCardContent
	| PollContent
	| TransferContent
	| RedPacketContent
	| CouponContent
	| SplitContent
	| CallContent
	| NoticeContent
	| RecalledContent
	| SystemContent;

export type Reply = Schemas['Reply'];
export type Forward = Schemas['Forward'];
export type Reaction = Schemas['Reaction'];
export type Message = Omit<Schemas['Message'], 'content'> & {
	content: AnyContent;
	/** Of a poll: what one chose. Kept beside the message, told apart from it. */
	chosen?: number[];
	/** Of a voice message or video note of somebody else: one has played it. */
	played?: boolean;
};
export type Member = Schemas['Member'];
export type Role = NonNullable<Member['role']>;
export type Draft = Schemas['Draft'];
export type Chat = Omit<Schemas['Chat'], 'last_message' | 'last_chosen'> & {
	last_message?: Message | null;
	last_chosen?: number[];
};
export type JoinRequest = Schemas['JoinRequest'];
export type SearchHit = Omit<Schemas['SearchHit'], 'message'> & { message: Message };
