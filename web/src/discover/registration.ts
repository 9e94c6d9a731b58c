import { t } from '$lib/i18n';
import type { Registration } from '../onboarding/house.svelte';

/** Who may come in, as a few words for a list. */
export function registrationText(registration: Registration): string {
	if (registration === 'open') return t('discover.registration_open');
	return t(registration === 'invitation' ? 'discover.registration_invitation' : 'discover.registration_closed');
}
