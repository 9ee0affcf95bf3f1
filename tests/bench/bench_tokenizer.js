// SPDX-License-Identifier: Apache-2.0
// node bench_tokenizer.js TEXTS.jsonl TOKENIZER.json
//
// The reference library on one thread: seconds to load, bytes, tokens and the
// best MB/s of three passes; ids and offsets handed out.  Processor time, as in
// bench_tokenizer.c.  Both of its ways are tried, one text a call and batches;
// the faster one counts.
'use strict';
process.env.TOKENIZERS_PARALLELISM = 'false';
process.env.RAYON_NUM_THREADS = '1';
const fs = require('fs');
const { Tokenizer } = require('tokenizers');

function seconds() {
	const t = process.cpuUsage();
	return (t.user + t.system) / 1e6;
}

async function main() {
	const texts = fs.readFileSync(process.argv[2], 'utf8').trim()
		.split('\n').map((line) => JSON.parse(line));
	const bytes = texts.reduce((n, t) => n + Buffer.byteLength(t), 0);
	let start = seconds();
	const tokenizer = Tokenizer.fromFile(process.argv[3]);
	const load = seconds() - start;
	tokenizer.disableTruncation();
	tokenizer.disablePadding();
	const options = { addSpecialTokens: false };
	let best = Infinity;
	let tokens = 0;
	const take = (e) => {
		tokens += e.getIds().length;
		e.getOffsets();
	};
	for (let round = 0; round < 3; round++) {
		tokens = 0;
		start = seconds();
		for (const text of texts)
			take(await tokenizer.encode(text, null, options));
		best = Math.min(best, seconds() - start);
		tokens = 0;
		start = seconds();
		for (let i = 0; i < texts.length; i += 256) {
			const done = await tokenizer.encodeBatch(
				texts.slice(i, i + 256), options);
			done.forEach(take);
		}
		best = Math.min(best, seconds() - start);
	}
	console.log(load.toFixed(3), bytes, tokens,
		(bytes / 1e6 / best).toFixed(2));
}

main();
