// Fourier transforms over Fr, natural order in and out, and the tables they read.
//
// A transform of n = R_1 R_2 ... elements is a pass for each R (at most 2^10), self-sorting as in Stockham's algorithm:
// N. K. Govindaraju et al., "High performance discrete Fourier transforms on graphics processors" (SC 2008), section 4.1.
// Before the pass for R, L is the product of the factors already done; short transform t reads elements t + r n / R, multiplied
// by w^(r (t mod L) n / (L R)), and writes element r to (t / L) L R + t mod L + r L. Blocks hold short transforms in shared memory.
// What it is not: a choice of passes; `src/cuda/transform.rs` plans.
#include "field.cuh"

// Elements in shared memory, at most: 32 KiB.
#define TILE 1024

// out[i] = scale base^i, for i < count.
extern "C" __global__ void powers(Fr* out, const Fr* base_and_scale, uint32_t count) {
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    Fr squares = load(base_and_scale), value = load(base_and_scale + 1);
    for (uint32_t e = i; e; e >>= 1) {
        if (e & 1) value = value * squares;
        squares = square(squares);
    }
    out[i] = value;
}

// w^e out of a table of w^0 ... w^(n/2 - 1), for e < n.
INLINE Fr root(const Fr* roots, uint32_t e, uint32_t half) {
    return e < half ? load(roots + e) : negate(load(roots + e - half));
}

// Shared memory as two arrays of 16-byte halves: threads that read neighbours meet no bank conflict.
INLINE Fr fetch(const uint4* tile, uint32_t i) {
    const uint4 a = tile[i], b = tile[TILE + i];
    return {{a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w}};
}

INLINE void store(uint4* tile, uint32_t i, const Fr& x) {
    tile[i] = make_uint4(x.w[0], x.w[1], x.w[2], x.w[3]);
    tile[TILE + i] = make_uint4(x.w[4], x.w[5], x.w[6], x.w[7]);
}

// One pass over a column for each blockIdx.y. `before` multiplies what is read, `after` what is written, by position, where they
// are not null; `short_roots` are powers of a root of order 2^log_short >= R. A block has half as many threads as elements.
extern "C" __global__ void __launch_bounds__(TILE / 2)
    transform_pass(const Fr* in, Fr* out, const Fr* roots, const Fr* short_roots, const Fr* before, const Fr* after,
                   uint32_t log_n, uint32_t log_l, uint32_t log_r, uint32_t log_tile, uint32_t log_short) {
    __shared__ uint4 tile[2 * TILE];
    const uint32_t n = 1u << log_n, log_group = log_tile - log_r, group = 1u << log_group;
    const uint32_t mask_l = (1u << log_l) - 1, size = 1u << log_tile, first = blockIdx.x << log_group;
    in += size_t(blockIdx.y) << log_n;
    out += size_t(blockIdx.y) << log_n;
    for (uint32_t i = threadIdx.x; i < size; i += blockDim.x) {
        const uint32_t t = first + (i & (group - 1)), r = i >> log_group, at = t + (r << (log_n - log_r));
        Fr x = load(in + at);
        if (before) x = x * load(before + at);
        const uint32_t e = r * (t & mask_l);
        if (e) x = x * root(roots, e << (log_n - log_l - log_r), n / 2);
        const uint32_t reversed = log_r ? __brev(r) >> (32 - log_r) : 0;
        store(tile, ((i & (group - 1)) << log_r) + reversed, x);
    }
    __syncthreads();
    for (uint32_t s = 0; s < log_r; s++) {
        const uint32_t b = threadIdx.x, position = b & ((1u << s) - 1);
        const uint32_t i = ((b >> s) << (s + 1)) + position, j = i + (1u << s);
        const Fr x = fetch(tile, i);
        Fr y = fetch(tile, j);
        if (s) y = y * load(short_roots + (position << (log_short - s - 1)));
        store(tile, i, x + y);
        store(tile, j, x - y);
        __syncthreads();
    }
    for (uint32_t i = threadIdx.x; i < size; i += blockDim.x) {
        const uint32_t t = first + (i & (group - 1)), r = i >> log_group;
        const uint32_t at = ((t >> log_l) << (log_l + log_r)) + (t & mask_l) + (r << log_l);
        Fr x = fetch(tile, ((i & (group - 1)) << log_r) + r);
        if (after) x = x * load(after + at);
        out[at] = x;
    }
}
