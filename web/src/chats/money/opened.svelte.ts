/** The transfer or red packet that is looked at, over its conversation. */

import type { ShownMessage } from '$lib/engine/contract';

class Opened {
	money = $state.raw<ShownMessage | undefined>();
}

export const opened = new Opened();
