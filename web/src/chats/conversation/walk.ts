/** Arrow keys walk over the rows of the list; Enter, Space or the menu key opens what one can do with one. */

export interface Walk {
	/** A row was chosen, by its `data-key`. */
	onchoose: (key: string, row: HTMLElement) => void;
	onend: () => void;
}

export function walk(event: KeyboardEvent, list: HTMLElement, { onchoose, onend }: Walk): void {
	const row = (event.target as Element).closest<HTMLElement>('.row');
	if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
		if (event.altKey || event.ctrlKey || event.metaKey) return;
		const all = [...list.querySelectorAll<HTMLElement>('.row')];
		const at = row ? all.indexOf(row) + (event.key === 'ArrowUp' ? -1 : 1) : all.length - 1;
		event.preventDefault();
		all[at]?.focus({ preventScroll: true });
		all[at]?.scrollIntoView({ block: 'nearest' });
	} else if (row && event.target === row && (event.key === 'Enter' || event.key === ' ' || event.key === 'ContextMenu')) {
		event.preventDefault();
		onchoose(row.dataset.key ?? '', row);
	} else if (event.key === 'End') {
		event.preventDefault();
		onend();
	}
}
