/** Lets `node --test` run the client's TypeScript with the compiler that builds it: Node 20 reads no types itself. */

import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { transformWithOxc } from 'vite';

if (isMainThread) register(import.meta.url);

const lib = new URL('../src/lib/', import.meta.url);

export async function resolve(specifier, context, next) {
	const target = specifier.startsWith('$lib/') ? new URL(specifier.slice(5), lib).href : specifier;
	if (!/^(\.|file:)/.test(target) || /\.m?[jt]s$/.test(target)) return next(target, context);
	return next(`${target}.ts`, context).catch(() => next(`${target}/index.ts`, context));
}

export async function load(url, context, next) {
	if (!url.endsWith('.ts')) return next(url, context);
	const path = fileURLToPath(url);
	const { code } = await transformWithOxc(await readFile(path, 'utf8'), path, { lang: 'ts' });
	return { format: 'module', source: code, shortCircuit: true };
}
