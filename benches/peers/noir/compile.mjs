// Compiles a Noir package: `node compile.mjs ABSOLUTE_FOLDER OUT.json`. It writes the artifact that bb and noir_js read.

import { writeFileSync } from 'node:fs';
import { compile, createFileManager } from '@noir-lang/noir_wasm';

const [folder, out] = process.argv.slice(2);
const { program } = await compile(createFileManager(folder));
writeFileSync(out, JSON.stringify(program));
