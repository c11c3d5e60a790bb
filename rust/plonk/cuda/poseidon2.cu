// Permutations of Poseidon2 with t = 4 over Fr and S-box x^5 (ePrint 2023/323, section 5), one a thread.
//
// Constants come from the caller: four of the diagonal, then those of the rounds in order, four a full round and one a partial.
#include "field.cuh"

INLINE Fr sbox(const Fr& x) {
    return square(square(x)) * x;
}

// Section 5.1: eight additions and four doublings.
INLINE void external(Fr (&s)[4]) {
    const Fr t0 = s[0] + s[1], t1 = s[2] + s[3];
    const Fr t2 = twice(s[1]) + t1, t3 = twice(s[3]) + t0;
    const Fr t4 = twice(twice(t1)) + t3, t5 = twice(twice(t0)) + t2;
    s[0] = t3 + t5;
    s[1] = t5;
    s[2] = t2 + t4;
    s[3] = t4;
}

INLINE const Fr* full_rounds(Fr (&s)[4], const Fr* constants, uint32_t rounds) {
#pragma unroll 1
    for (uint32_t round = 0; round < rounds; round++, constants += 4) {
#pragma unroll
        for (int k = 0; k < 4; k++) s[k] = sbox(s[k] + load(constants + k));
        external(s);
    }
    return constants;
}

extern "C" __global__ void __launch_bounds__(128)
    poseidon2(Fr* states, const Fr* constants, uint32_t count, uint32_t half_full, uint32_t partial) {
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    Fr* state = states + 4 * size_t(i);
    Fr s[4], diagonal[4];
#pragma unroll
    for (int k = 0; k < 4; k++) {
        s[k] = state[k];
        diagonal[k] = load(constants + k);
    }
    constants += 4;
    external(s);
    constants = full_rounds(s, constants, half_full);
#pragma unroll 1
    for (uint32_t round = 0; round < partial; round++, constants++) {
        s[0] = sbox(s[0] + load(constants));
        const Fr sum = s[0] + s[1] + (s[2] + s[3]);
#pragma unroll
        for (int k = 0; k < 4; k++) s[k] = s[k] * diagonal[k] + sum;
    }
    full_rounds(s, constants, half_full);
#pragma unroll
    for (int k = 0; k < 4; k++) state[k] = s[k];
}
