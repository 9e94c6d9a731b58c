/**
 * Idempotency keys of money commands. Make one when the person begins, and use it again for every repetition of the same
 * payment: the house then does it once, however often it is asked.
 */
export { newNonce as newKey } from '$lib/engine/nonce';
