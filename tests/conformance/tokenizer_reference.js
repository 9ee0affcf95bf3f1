// SPDX-License-Identifier: Apache-2.0
// node tokenizer_reference.js TOKENIZER.json <texts.jsonl >answers.jsonl
//
// What the reference library (npm package "tokenizers") makes of texts: a JSON
// string a line in, {"ids", "offsets"} a line out.  Offsets are code points.
'use strict';
const { Tokenizer } = require('tokenizers');

const BATCH = 256;

async function main() {
	const tokenizer = Tokenizer.fromFile(process.argv[2]);
	tokenizer.disableTruncation();
	tokenizer.disablePadding();
	const special = process.argv.includes('--add-special-tokens');
	let batch = [];
	const flush = async () => {
		const done = await tokenizer.encodeBatch(batch,
			{ addSpecialTokens: special });
		const lines = done.map((e) => JSON.stringify(
			{ ids: e.getIds(), offsets: e.getOffsets() }));
		batch = [];
		if (!process.stdout.write(lines.join('\n') + '\n'))
			await new Promise((r) => process.stdout.once('drain', r));
	};
	let rest = '';
	for await (const chunk of process.stdin.setEncoding('utf8')) {
		const lines = (rest + chunk).split('\n');
		rest = lines.pop();
		for (const line of lines) {
			batch.push(JSON.parse(line));
			if (batch.length === BATCH)
				await flush();
		}
	}
	if (batch.length > 0)
		await flush();
}

main();
