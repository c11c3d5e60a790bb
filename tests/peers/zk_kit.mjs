// Keys and signatures by @zk-kit/eddsa-poseidon 1.1.0 (its default, BLAKE-512, flavour).
import { createRequire } from 'module';
import { bytes, emit, hex, messages, seeds } from './cases.mjs';

// Its ES module does not load in Node 20 (named imports from a CommonJS module); its CommonJS build does.
const { derivePublicKey, packPublicKey, packSignature, signMessage, verifySignature } =
  createRequire(import.meta.url)('@zk-kit/eddsa-poseidon');

emit('zk_kit', '@zk-kit/eddsa-poseidon 1.1.0', seeds().map((seed, k) => {
  const secret = Buffer.from(seed);
  const key = derivePublicKey(secret);
  return {
    seed: bytes(seed),
    key: key.map(hex),
    packedKey: '0x' + Buffer.from(BigInt(packPublicKey(key)).toString(16).padStart(64, '0'), 'hex').reverse().toString('hex'),
    signatures: messages(k).map((message) => {
      const signature = signMessage(secret, message);
      if (!verifySignature(message, signature, key)) throw new Error('zk-kit refuses its own signature');
      return { message: hex(message), signature: bytes(packSignature(signature)) };
    }),
  };
}));
