/** WebAuthn between the browser and the server's JSON forms (WebAuthn Level 3, section 5.1.8 to 5.1.10). */

import { request } from '$lib/api';

type Json = Record<string, unknown>;

/** What the server answers to any `/options`: the ceremony to name again afterwards, and the browser's options. */
interface Ceremony {
	ceremony: string;
	options: Json;
}

/** Passkeys belong to a domain: at a bare IP address no browser makes them. */
const AT_ADDRESS = /^[\d.]+$|:/.test(location.hostname);

export function passkeysSupported(): boolean {
	return typeof PublicKeyCredential !== 'undefined' && 'credentials' in navigator && !AT_ADDRESS;
}

/** Whether a sign-in field may offer passkeys by itself (conditional mediation). */
export async function autofillSupported(): Promise<boolean> {
	if (!passkeysSupported()) return false;
	return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}

function bytes(text: unknown): Uint8Array<ArrayBuffer> {
	const base64 = String(text).replaceAll('-', '+').replaceAll('_', '/');
	return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
	const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
	return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const descriptors = (list: unknown) => ((list ?? []) as Json[]).map((item) => ({ ...item, id: bytes(item.id) }));

function creationOptions(json: Json): PublicKeyCredentialCreationOptions {
	if (PublicKeyCredential.parseCreationOptionsFromJSON) {
		return PublicKeyCredential.parseCreationOptionsFromJSON(json as unknown as PublicKeyCredentialCreationOptionsJSON);
	}
	const user = json.user as Json;
	return {
		...json,
		challenge: bytes(json.challenge),
		user: { ...user, id: bytes(user.id) },
		excludeCredentials: descriptors(json.excludeCredentials)
	} as unknown as PublicKeyCredentialCreationOptions;
}

function requestOptions(json: Json): PublicKeyCredentialRequestOptions {
	if (PublicKeyCredential.parseRequestOptionsFromJSON) {
		return PublicKeyCredential.parseRequestOptionsFromJSON(json as unknown as PublicKeyCredentialRequestOptionsJSON);
	}
	return {
		...json,
		challenge: bytes(json.challenge),
		allowCredentials: descriptors(json.allowCredentials)
	} as unknown as PublicKeyCredentialRequestOptions;
}

function toJson(credential: PublicKeyCredential): Json {
	if (typeof credential.toJSON === 'function') return credential.toJSON() as unknown as Json;
	const { response } = credential;
	const common = {
		id: credential.id,
		rawId: text(credential.rawId),
		type: credential.type,
		authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
		clientExtensionResults: {}
	};
	if (response instanceof AuthenticatorAttestationResponse) {
		return {
			...common,
			response: {
				clientDataJSON: text(response.clientDataJSON),
				attestationObject: text(response.attestationObject),
				transports: response.getTransports?.() ?? []
			}
		};
	}
	const assertion = response as AuthenticatorAssertionResponse;
	return {
		...common,
		response: {
			clientDataJSON: text(assertion.clientDataJSON),
			authenticatorData: text(assertion.authenticatorData),
			signature: text(assertion.signature),
			userHandle: assertion.userHandle ? text(assertion.userHandle) : undefined
		}
	};
}

/** The person closed the browser's dialog, or it ran out of time: nothing to complain about. */
export function wasCancelled(error: unknown): boolean {
	return error instanceof DOMException && ['AbortError', 'NotAllowedError'].includes(error.name);
}

/** Makes a passkey: `base` is the pair of routes (`/me/passkeys`, `/passkeys/sign-up`), `fields` go with both. */
export async function makePasskey<T>(base: string, optionsFields: Json, finishFields: Json = {}): Promise<T> {
	const { ceremony, options } = await request<Ceremony>('POST', `${base}/options`, optionsFields);
	const credential = await navigator.credentials.create({ publicKey: creationOptions(options) });
	const answer = toJson(credential as PublicKeyCredential);
	return request<T>('POST', base, { ...finishFields, ceremony, credential: answer });
}

/** What a passkey proves in the ceremony that `path` begins: goes with the request that it is for. */
export async function provePasskey(path: string, conditional?: AbortSignal): Promise<{ ceremony: string; credential: Json }> {
	const { ceremony, options } = await request<Ceremony>('POST', path, {});
	const credential = await navigator.credentials.get({
		publicKey: requestOptions(options),
		...(conditional ? { mediation: 'conditional', signal: conditional } : {})
	});
	return { ceremony, credential: toJson(credential as PublicKeyCredential) };
}

/** Signs in with a passkey. `conditional` waits in the handle field's autofill until one is picked. */
export async function usePasskey<T>(device: string, conditional?: AbortSignal): Promise<T> {
	return request<T>('POST', '/passkeys/sign-in', { device, ...(await provePasskey('/passkeys/sign-in/options', conditional)) });
}
