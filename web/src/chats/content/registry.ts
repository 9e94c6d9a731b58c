/** How each kind of content looks: one component a kind. A new kind is one file here, and one entry here and in `kinds.ts`. */

import type { Component } from 'svelte';
import type { AnyContent } from '$lib/engine/types';
import type { ShownMessage } from '$lib/engine/contract';
import Album from './Album.svelte';
import Call from './Call.svelte';
import ContactCard from './ContactCard.svelte';
import Coupon from './Coupon.svelte';
import File from './File.svelte';
import LivePhoto from './LivePhoto.svelte';
import Location from './Location.svelte';
import Notice from './Notice.svelte';
import Picture from './Picture.svelte';
import Poll from './Poll.svelte';
import Recalled from './Recalled.svelte';
import RedPacket from './RedPacket.svelte';
import Split from './Split.svelte';
import Sticker from './Sticker.svelte';
import System from './System.svelte';
import Text from './Text.svelte';
import Transfer from './Transfer.svelte';
import Unknown from './Unknown.svelte';
import Video from './Video.svelte';
import VideoNote from './VideoNote.svelte';
import Voice from './Voice.svelte';

type Renderer = Component<{ message: ShownMessage }>;

const renderers: Record<AnyContent['kind'], Renderer> = {
	text: Text,
	picture: Picture,
	album: Album,
	live_photo: LivePhoto,
	video: Video,
	video_note: VideoNote,
	voice: Voice,
	file: File,
	sticker: Sticker,
	location: Location,
	contact: ContactCard,
	poll: Poll,
	transfer: Transfer,
	red_packet: RedPacket,
	coupon: Coupon,
	split: Split,
	call: Call,
	notice: Notice,
	recalled: Recalled,
	system: System
};

export function rendererOf(content: AnyContent): Renderer {
	return (renderers[content.kind] as Renderer | undefined) ?? Unknown;
}
