/** The server's rules for sign-up (people/model.py), so that a form can answer before it is sent. */

import { PASSWORD_LENGTH_MIN } from './strength';

export const HANDLE = /^[a-z][a-z0-9_]{2,31}$/;
export const NAME_LENGTH_MAX = 64;
export const PASSWORD_LENGTH_MAX = 256;

/** What a person typed or pasted as a handle, in the form that the house keeps. */
export const tidyHandle = (text: string) => text.trim().replace(/^@/, '').toLowerCase();

/** Characters as the server counts them: code points, not UTF-16 units. */
const length = (text: string) => Array.from(text).length;

/** The key of what is wrong, or nothing. */
export function handleProblem(handle: string): string | undefined {
	return HANDLE.test(tidyHandle(handle)) ? undefined : 'onboarding.handle_wrong';
}

export function nameProblem(name: string): string | undefined {
	const trimmed = name.trim();
	return trimmed && length(trimmed) <= NAME_LENGTH_MAX ? undefined : 'onboarding.name_wrong';
}

export function passwordProblem(password: string): string | undefined {
	if (length(password) < PASSWORD_LENGTH_MIN) return 'onboarding.password_short';
	return length(password) > PASSWORD_LENGTH_MAX ? 'onboarding.password_long' : undefined;
}

/** Moves the focus to the first field of a form that is marked as wrong (call after `tick`). */
export function focusFirstProblem(form: HTMLElement | undefined): void {
	form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
