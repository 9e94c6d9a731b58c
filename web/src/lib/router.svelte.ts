/** Where the person is: the address bar, as reactive state. Links are plain `<a href="/…">`; this catches their clicks. */

let path = $state(location.pathname);
let query = $state.raw(new URLSearchParams(location.search));
/** How many entries of ours lie behind this one, kept with each entry so that a reload knows it too. */
let depth = (history.state as { depth?: number } | null)?.depth ?? 0;

function read(): void {
	path = location.pathname;
	query = new URLSearchParams(location.search);
	depth = (history.state as { depth?: number } | null)?.depth ?? 0;
}

export const router = {
	/** The path, such as `/chats/01J…`. */
	get path(): string {
		return path;
	},
	get query(): URLSearchParams {
		return query;
	}
};

export function go(to: string, options: { replace?: boolean } = {}): void {
	if (to === location.pathname + location.search) return;
	if (options.replace) history.replaceState({ depth }, '', to);
	else history.pushState({ depth: depth + 1 }, '', to);
	read();
}

/** One step back in our own history; to `fallback` when the person came here from outside. */
export function back(fallback: string): void {
	if (depth > 0) history.back();
	else go(fallback, { replace: true });
}

/** Start to follow the history and the clicks on links; returns how to stop. */
export function startRouter(): () => void {
	function clicked(event: MouseEvent): void {
		if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		const link = (event.target as Element).closest?.('a');
		if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
		if (link.pathname.startsWith('/api/')) return;
		event.preventDefault();
		go(link.pathname + link.search);
	}
	addEventListener('popstate', read);
	document.addEventListener('click', clicked);
	return () => {
		removeEventListener('popstate', read);
		document.removeEventListener('click', clicked);
	};
}
