// Poseidon2 t = 4 permutations by @zkpassport/poseidon2 0.6.2.
import { permute } from '@zkpassport/poseidon2';
import { R, elements, emit, hex } from './cases.mjs';

const inputs = [[0n, 0n, 0n, 0n], [0n, 1n, 2n, 3n], [R - 1n, R - 1n, R - 1n, R - 1n]];
for (let k = 0; k < 29; k++) inputs.push(elements(10 + k, 4));
emit('poseidon2', '@zkpassport/poseidon2 0.6.2', inputs.map((x) => ({ input: x.map(hex), output: permute([...x]).map(hex) })));
