/** Types of codes under short names, generated from the server's OpenAPI page. */

import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type PayCode = Schemas['PayCode'];
export type ReceiveCode = Schemas['ReceiveCode'];
