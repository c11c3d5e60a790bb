//! BLAKE-512, the SHA-3 finalist (not BLAKE2), one-shot: circomlibjs derives keys with it.
//!
//! After "SHA-3 proposal BLAKE", version 1.4, section 2.2; no salt. What it is not: an incremental hasher.

const INITIAL: [u64; 8] = [
    0x6A09_E667_F3BC_C908,
    0xBB67_AE85_84CA_A73B,
    0x3C6E_F372_FE94_F82B,
    0xA54F_F53A_5F1D_36F1,
    0x510E_527F_ADE6_82D1,
    0x9B05_688C_2B3E_6C1F,
    0x1F83_D9AB_FB41_BD6B,
    0x5BE0_CD19_137E_2179,
];

/// First digits of pi.
const C: [u64; 16] = [
    0x243F_6A88_85A3_08D3,
    0x1319_8A2E_0370_7344,
    0xA409_3822_299F_31D0,
    0x082E_FA98_EC4E_6C89,
    0x4528_21E6_38D0_1377,
    0xBE54_66CF_34E9_0C6C,
    0xC0AC_29B7_C97C_50DD,
    0x3F84_D5B5_B547_0917,
    0x9216_D5D9_8979_FB1B,
    0xD131_0BA6_98DF_B5AC,
    0x2FFD_72DB_D01A_DFB7,
    0xB8E1_AFED_6A26_7E96,
    0xBA7C_9045_F12C_7F99,
    0x24A1_9947_B391_6CF7,
    0x0801_F2E2_858E_FC16,
    0x6369_20D8_7157_4E69,
];

const SIGMA: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

const ROUNDS: usize = 16;
const BLOCK: usize = 128;

/// BLAKE-512 of a message.
#[must_use]
pub fn blake512(message: &[u8]) -> [u8; 64] {
    let bits = 8 * message.len() as u128;
    // Padding: 1, zeros, 1, then the length in 128 bits.
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % BLOCK != BLOCK - 16 {
        padded.push(0);
    }
    let last = padded.len() - 1;
    padded[last] |= 1;
    padded.extend_from_slice(&bits.to_be_bytes());

    let mut state = INITIAL;
    let blocks = padded.len() / BLOCK;
    for (i, block) in padded.chunks_exact(BLOCK).enumerate() {
        // The counter holds message bits hashed so far; 0 for a block without message bits.
        let end = (8 * BLOCK * (i + 1)) as u128;
        let counter =
            if i + 1 == blocks && bits.is_multiple_of(1024) || end.saturating_sub(1024) >= bits { 0 } else { end.min(bits) };
        compress(&mut state, block, counter);
    }
    let mut out = [0u8; 64];
    for (chunk, word) in out.chunks_exact_mut(8).zip(state) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    out
}

fn compress(state: &mut [u64; 8], block: &[u8], counter: u128) {
    let mut m = [0u64; 16];
    for (word, bytes) in m.iter_mut().zip(block.chunks_exact(8)) {
        *word = bytes.iter().fold(0, |v, b| v << 8 | u64::from(*b));
    }
    let (low, high) = (counter as u64, (counter >> 64) as u64);
    let mut v = [0u64; 16];
    v[..8].copy_from_slice(state);
    v[8..].copy_from_slice(&C[..8]);
    for (lane, t) in v[12..].iter_mut().zip([low, low, high, high]) {
        *lane ^= t;
    }
    for round in 0..ROUNDS {
        let sigma = &SIGMA[round % 10];
        let mut g = |i: usize, a: usize, b: usize, c: usize, d: usize| {
            let (p, q) = (sigma[2 * i], sigma[2 * i + 1]);
            v[a] = v[a].wrapping_add(v[b]).wrapping_add(m[p] ^ C[q]);
            v[d] = (v[d] ^ v[a]).rotate_right(32);
            v[c] = v[c].wrapping_add(v[d]);
            v[b] = (v[b] ^ v[c]).rotate_right(25);
            v[a] = v[a].wrapping_add(v[b]).wrapping_add(m[q] ^ C[p]);
            v[d] = (v[d] ^ v[a]).rotate_right(16);
            v[c] = v[c].wrapping_add(v[d]);
            v[b] = (v[b] ^ v[c]).rotate_right(11);
        };
        g(0, 0, 4, 8, 12);
        g(1, 1, 5, 9, 13);
        g(2, 2, 6, 10, 14);
        g(3, 3, 7, 11, 15);
        g(4, 0, 5, 10, 15);
        g(5, 1, 6, 11, 12);
        g(6, 2, 7, 8, 13);
        g(7, 3, 4, 9, 14);
    }
    for i in 0..8 {
        state[i] ^= v[i] ^ v[i + 8];
    }
}

#[cfg(test)]
mod tests {
    use super::blake512;
    use blake_hash::Digest;

    #[test]
    fn equals_the_reference_at_every_padding_length() {
        for n in 0..300usize {
            let message: Vec<u8> = (0..n).map(|i| (i * 7 + 3) as u8).collect();
            assert_eq!(blake512(&message)[..], blake_hash::Blake512::digest(&message)[..], "length {n}");
        }
    }
}
