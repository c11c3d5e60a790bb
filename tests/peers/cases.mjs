// Inputs that all peers share: the first line of every peer's output file says how to regenerate it.
export const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
export const hex = (x) => '0x' + BigInt(x).toString(16).padStart(64, '0');
export const bytes = (u) => '0x' + Buffer.from(u).toString('hex');

// A small deterministic generator (64-bit LCG, Knuth's constants), so that no output depends on a clock.
export function elements(seed, count) {
  let state = BigInt(seed);
  const next = () => (state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn) >> 11n;
  return Array.from({ length: count }, () => {
    let x = 0n;
    for (let i = 0; i < 5; i++) x = (x << 53n) | next();
    return x % R;
  });
}

export const seeds = () => [0, 1, 2, 3, 4, 5, 6, 7].map((k) => {
  const seed = new Uint8Array(32);
  elements(1000 + k, 4).forEach((x, i) => seed.set(Buffer.from(hex(x).slice(-16), 'hex'), 8 * i));
  if (k === 0) seed.fill(0);
  return seed;
});
export const messages = (k) => [0n, 1n, R - 1n, ...elements(2000 + k, 3)];
export function emit(script, peer, cases) {
  console.log(JSON.stringify({ regenerate: `node tests/peers/${script}.mjs > tests/vectors/peers/${script}.json`, peer, cases }, null, 1));
}
