/** Ask for a yes before something that cannot be undone: `if (await ask({ title, text, action, danger: true })) …`. */

export interface Question {
	title: string;
	text?: string;
	/** What the confirming button says. */
	action: string;
	danger?: boolean;
}

export const asking = $state<{ question?: Question; answer?: (yes: boolean) => void }>({});

export function ask(question: Question): Promise<boolean> {
	asking.answer?.(false);
	return new Promise((resolve) => {
		asking.question = question;
		asking.answer = (yes) => {
			asking.question = undefined;
			asking.answer = undefined;
			resolve(yes);
		};
	});
}
