// Signs a transfer with circomlibjs and hands it to a running node. Nothing of l2rollup is used: this is how an
// application in JavaScript does it, from docs/spec/transactions.md alone.
// Usage: node sign_transfer.mjs '{"node": URL, "l1": URL, "seed": 64 hex digits, "from": A, "to": B, "value": wei}'
import { buildEddsa, buildPoseidonReference } from 'circomlibjs';

const input = JSON.parse(process.argv[2]);
const eddsa = await buildEddsa();
const poseidon = await buildPoseidonReference();
const { F } = poseidon;
const TRANSFER = 1n;
const UNITS = 100n;

async function rpc(url, method, params) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const answer = await (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json();
  if (answer.error) throw new Error(JSON.stringify(answer.error));
  return answer.result;
}

const info = await rpc(input.node, 'l2_chainInfo', []);
// The domain of every signature, as the contract itself tells it: domain() has selector 0xc2fb26a6.
const domain = BigInt(await rpc(input.l1, 'eth_call', [{ to: info.rollup, data: '0xc2fb26a6' }, 'latest']));
const nonce = BigInt(await rpc(input.node, 'l2_getAccountNonce', [input.from, 'pending']));
const price = 2n * BigInt((await rpc(input.node, 'l2_getFeeQuote', [])).prices[0].price);
const [from, to, value] = [BigInt(input.from), BigInt(input.to), BigInt(input.value)];

const message = poseidon([
  domain,
  from + (nonce << 160n) + (TRANSFER << 208n),
  to,
  value + (UNITS << 128n) + (price << 160n),
  0n,
]);
const seed = Buffer.from(input.seed, 'hex');
const signature = eddsa.signPoseidon(seed, eddsa.F.e(F.toObject(message)));
const packed = Buffer.from(eddsa.packSignature(signature)).toString('hex');
const hash = await rpc(input.node, 'l2_sendTransaction', [{
  from: input.from, to: input.to, value: input.value, data: '0x', nonce: Number(nonce), gasLimit: Number(UNITS),
  gasPrice: price.toString(), signature: `0x${packed}${'00'.repeat(10)}`,
}]);
const id = `0x${F.toObject(message).toString(16).padStart(64, '0')}`;
console.log(JSON.stringify({ hash, id, key: eddsa.prv2pub(seed).map((x) => eddsa.F.toObject(x).toString()) }));
process.exit(0);
