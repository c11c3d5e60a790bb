// Poseidon of one to twelve inputs by poseidon-lite 0.3.0 and circomlibjs 0.1.7, which must agree.
import * as lite from 'poseidon-lite';
import { buildPoseidonReference } from 'circomlibjs';
import { R, elements, emit, hex } from './cases.mjs';

const circom = await buildPoseidonReference();
const inputs = [];
for (let n = 1; n <= 12; n++) inputs.push(Array.from({ length: n }, (_, i) => BigInt(i + 1)), Array(n).fill(R - 1n), elements(300 + n, n));
emit('poseidon_widths', 'poseidon-lite 0.3.0, circomlibjs 0.1.7', inputs.map((x) => {
  const output = lite[`poseidon${x.length}`](x);
  if (circom.F.toObject(circom(x)) !== output) throw new Error(`the peers disagree on ${x}`);
  return { input: x.map(hex), output: hex(output) };
}));
process.exit(0);
