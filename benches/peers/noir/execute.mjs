// Solves witnesses: `node execute.mjs ARTIFACT.json INPUTS.json OUT.gz`, or with `--refused` in place of OUT.gz:
// then INPUTS.json is a map from names to inputs, and every one of them must be refused.

import { readFileSync, writeFileSync } from 'node:fs';
import { Noir } from '@noir-lang/noir_js';

const [artifact, file, out] = process.argv.slice(2);
const noir = new Noir(JSON.parse(readFileSync(artifact, 'utf8')));
const inputs = JSON.parse(readFileSync(file, 'utf8'));

async function solves(input) {
  try {
    await noir.execute(input);
    return true;
  } catch {
    return false;
  }
}

if (out === '--refused') {
  for (const [name, input] of Object.entries(inputs)) {
    if (await solves(input)) {
      console.error(`${name}: expected it refused, got a witness`);
      process.exitCode = 1;
    }
  }
} else {
  writeFileSync(out, (await noir.execute(inputs)).witness);
}
