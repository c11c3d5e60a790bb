// Keys, packed points and signatures by circomlibjs 0.1.7.
import { buildEddsa } from 'circomlibjs';
import { bytes, emit, hex, messages, seeds } from './cases.mjs';

const eddsa = await buildEddsa();
const { babyJub } = eddsa;
const { F } = babyJub;
emit('eddsa', 'circomlibjs 0.1.7', seeds().map((seed, k) => {
  const key = eddsa.prv2pub(Buffer.from(seed));
  return {
    seed: bytes(seed),
    key: key.map((x) => hex(F.toObject(x))),
    packedKey: bytes(babyJub.packPoint(key)),
    signatures: messages(k).map((message) => {
      const signature = eddsa.signPoseidon(Buffer.from(seed), F.e(message));
      if (!eddsa.verifyPoseidon(F.e(message), signature, key)) throw new Error('circomlibjs refuses its own signature');
      return { message: hex(message), signature: bytes(eddsa.packSignature(signature)) };
    }),
  };
}));
process.exit(0);
