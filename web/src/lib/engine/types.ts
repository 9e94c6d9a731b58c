/** The API's types under short names; generated ones come from the server's OpenAPI page (`make types`). */

export interface Person { id: string; handle: string; name: string; picture?: string; bio?: string }
export interface Me {
	person: Person; operator: boolean; has_password: boolean; passkeys: number; recovery_codes_left: number; house: string;
}
export interface Contact {
	person: Person; since: number; remark?: string; labels?: string[]; blocked?: boolean; chat?: string;
}
export interface ContactRequest { id: string; sender: Person; receiver: Person; greeting: string; at: number }
export interface TextContent { kind: 'text'; text: string; mentions?: string[]; mention_all?: boolean }
export interface RecalledContent { kind: 'recalled'; by: string }
export interface SystemContent { kind: 'system'; what: string; people?: string[]; value?: string }
export type Content = TextContent;
export type AnyContent = TextContent | RecalledContent | SystemContent;
export interface Reply { seq: number; sender: string; excerpt: string }
export interface Forward { sender: string; name: string; at: number }
export interface Reaction { emoji: string; people: string[] }
export interface Message {
	chat: string; seq: number; sender: string; at: number; content: AnyContent; nonce?: string;
	reply?: Reply | null; forward?: Forward | null; edited_at?: number; reactions?: Reaction[];
}
export type Role = 'owner' | 'admin' | 'member';
export interface Member {
	person: string; role?: Role; joined_at?: number; muted_until?: number; read_seq?: number; delivered_seq?: number;
}
export interface Draft { text: string; at: number; reply?: number }
export interface Chat {
	id: string; kind: 'direct' | 'group' | 'channel'; last_seq: number; member_count: number; members: Member[];
	name?: string; picture?: string; topic?: string; announcement_only?: boolean; join_approval?: boolean;
	history_from?: number; read_seq?: number; unread?: number; mentioned?: number; pinned_at?: number; muted?: boolean;
	archived?: boolean; cleared_to?: number; draft?: Draft | null; last_message?: Message | null; left?: boolean;
}
export interface SearchHit { message: Message; snippet: string }
export interface JoinRequest { id: string; chat: string; person: Person; at: number }
