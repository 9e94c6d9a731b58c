/** The one engine of this tab. */

import { Client } from './client.svelte';
import type { Engine } from './contract';

const client = new Client();
void client.start();

export const engine: Engine = client;
export { push, type PushState } from './push.svelte';
export type * from './contract';
