// Sends a file with tus-js-client as a browser would, through a network that is cut: `node upload.mjs <url> <token>
// <file> <name> <cuts> <chunk>`. Prints one JSON line: where the upload is, and how often it had to go on.
import { createReadStream, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../../web/package.json", import.meta.url));
const tus = require("tus-js-client");

const [url, token, file, name, cuts, chunk] = process.argv.slice(2);
const house = new URL(url);
const size = statSync(file).size;

// A wire that breaks: after so many bytes each of the first connections is destroyed in the middle of what it sends.
let left = Number(cuts);
const wire = createServer((near) => {
	const far = connect(Number(house.port), house.hostname);
	let passed = 0;
	const end = () => (near.destroy(), far.destroy());
	near.on("data", (data) => {
		passed += data.length;
		if (left > 0 && passed > size / (Number(cuts) + 2)) {
			left -= 1;
			end();
			return;
		}
		if (!far.write(data)) {
			near.pause();
			far.once("drain", () => near.resume());
		}
	});
	far.pipe(near);
	for (const socket of [near, far]) socket.on("error", end).on("close", end);
});
await new Promise((open) => wire.listen(0, "127.0.0.1", open));

let retries = 0;
const upload = new tus.Upload(createReadStream(file), {
	endpoint: `http://127.0.0.1:${wire.address().port}/api/v1/uploads`,
	uploadSize: size,
	chunkSize: Number(chunk),
	headers: { Authorization: `Bearer ${token}` },
	metadata: { filename: name, filetype: "application/x-tea" },
	retryDelays: Array(20).fill(20),
	onShouldRetry: () => ((retries += 1), true),
	onError: (error) => {
		console.error(String(error));
		process.exit(1);
	},
	onSuccess: () => {
		console.log(JSON.stringify({ url: upload.url, retries, cutsLeft: left }));
		process.exit(0);
	},
});
upload.start();
