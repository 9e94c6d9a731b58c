/** The way to the house's HTTP API: same origin, with the session cookie, every request with a deadline. */

const DEADLINE_MS = 15_000;
const UPLOAD_DEADLINE_MS = 120_000;

/** A command or request was refused (`code` of the API), or the network is away (`offline`). */
export class Failure extends Error {
	constructor(
		/** Stable: `not_found`, `rate_limited`, …; `offline` when no answer came. */
		readonly code: string,
		readonly title: string,
		readonly fields: Record<string, unknown> = {},
		/** HTTP status, 0 when no answer came. */
		readonly status = 0,
		readonly detail = ''
	) {
		super(detail || title);
		this.name = 'Failure';
	}
}

export function offline(): Failure {
	return new Failure('offline', 'The network is away');
}

interface Problem {
	code?: string;
	title?: string;
	status?: number;
	detail?: string;
	fields?: Record<string, unknown>;
}

/** What the API says went wrong: the same words in a problem+json body and in a live `error` event. */
export function failureOf(problem: Problem, status = problem.status ?? 0): Failure {
	const code = problem.code ?? (status >= 500 ? 'unavailable' : 'refused');
	return new Failure(code, problem.title ?? code, problem.fields ?? {}, status, problem.detail ?? '');
}

/**
 * Ask the API and read its answer; `path` is below `/api/v1`. A body is sent as JSON, a `Blob` as it is.
 * @throws {Failure} when it is refused, or `offline` when no answer came in time.
 */
export async function request<T = unknown>(
	method: string,
	path: string,
	body?: unknown,
	deadlineMs = body instanceof Blob ? UPLOAD_DEADLINE_MS : DEADLINE_MS
): Promise<T> {
	const headers: Record<string, string> = { Accept: 'application/json' };
	let payload: BodyInit | undefined;
	if (body instanceof Blob) {
		payload = body;
		if (body.type) headers['Content-Type'] = body.type;
	} else if (body !== undefined) {
		payload = JSON.stringify(body);
		headers['Content-Type'] = 'application/json';
	}
	let response: Response;
	let text: string;
	try {
		response = await fetch(`/api/v1${path}`, {
			method,
			headers,
			body: payload,
			credentials: 'same-origin',
			signal: AbortSignal.timeout(deadlineMs)
		});
		text = await response.text();
	} catch {
		throw offline();
	}
	let answer: unknown;
	try {
		answer = text ? JSON.parse(text) : undefined;
	} catch {
		// A captive portal or a proxy's own page: the house was not reached.
		throw offline();
	}
	if (!response.ok) throw failureOf((answer ?? {}) as Problem, response.status);
	return answer as T;
}
