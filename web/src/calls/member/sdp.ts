/** What is changed in a session description before the other side reads it. */

/**
 * Asks the other side's Opus encoder to send nothing while it is silent (`usedtx`, RFC 7587 section 6.1). Forward error
 * correction is asked for by browsers themselves.
 */
export function withDtx(sdp: string): string {
	return sdp.replace(/^(a=fmtp:\d+ )((?!.*usedtx=).*useinbandfec=1.*?)(\r?)$/gm, '$1$2;usedtx=1$3');
}
