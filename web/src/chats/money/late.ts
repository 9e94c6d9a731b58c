/** What of money is fetched when it is needed: a component together with the words of its room. */

import { laterWords } from '$lib/i18n';

export const withWords = <M>(coming: Promise<M>): Promise<M> => Promise.all([coming, laterWords()]).then(([module]) => module);
