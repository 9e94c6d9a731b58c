/** Copies text; also where the page came over plain HTTP from a house on one's own network. */
export async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return copyBySelection(text);
	}
}

function copyBySelection(text: string): boolean {
	const area = document.createElement('textarea');
	area.value = text;
	area.setAttribute('aria-hidden', 'true');
	area.className = 'visually-hidden';
	const focused = document.activeElement;
	// Inside an open dialog nothing outside it can be selected.
	(focused?.closest('dialog') ?? document.body).append(area);
	area.select();
	const copied = document.execCommand('copy');
	area.remove();
	if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
	return copied;
}
