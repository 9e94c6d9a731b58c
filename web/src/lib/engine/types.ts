/** The API's types under short names, generated from the server's OpenAPI page (`make types`). */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type Person = Schemas['Person'];
export type Me = Schemas['Me'];
export type Contact = Schemas['Contact'];
export type ContactRequest = Schemas['ContactRequest'];
/** The page's item type is wider than what the server takes: ids are strings. */
export type TextContent = Omit<Schemas['Text'], 'mentions'> & { mentions?: string[] };
export type RecalledContent = Schemas['Recalled'];
export type SystemContent = Schemas['System'];
/** What people may send. */
export type Content = TextContent;
export type AnyContent = TextContent | RecalledContent | SystemContent;
export type Reply = Schemas['Reply'];
export type Forward = Schemas['Forward'];
export type Reaction = Schemas['Reaction'];
export type Message = Omit<Schemas['Message'], 'content'> & { content: AnyContent };
export type Member = Schemas['Member'];
export type Role = NonNullable<Member['role']>;
export type Draft = Schemas['Draft'];
export type Chat = Omit<Schemas['Chat'], 'last_message'> & { last_message?: Message | null };
export type JoinRequest = Schemas['JoinRequest'];
export type SearchHit = Omit<Schemas['SearchHit'], 'message'> & { message: Message };
