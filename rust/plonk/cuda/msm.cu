// Multi-scalar multiplication over G1 for columns of scalars over the same bases: Pippenger's buckets with signed digits.
//
// Digits -> counting sort of (window, bucket) -> pieces of at most `piece` points, one thread each, until a bucket is one point ->
// weighing by folding halves. A "window" here is one window of one column; bucket b of it has the weight b + 1. Pieces make the
// work of a thread bounded whatever the scalars are, and the sums do not depend on the order in which threads meet.
// What it is not: constant time, and not the last step: `src/cuda/msm.rs` adds the few sums that are left with their powers of two.
//
// Source: N. Pippenger (SIAM J. Comput. 1980). The fold keeps, for each bit of the weight, the sum of the buckets that have it.
#include "curve.cuh"

#define NEGATIVE 0x80000000u
#define NO_DIGIT 0xffffffffu

// (r - 1) / 2 is the largest scalar taken as positive.
INLINE Fr half_modulus() {
    return {{0xf8000000u, 0xa1f0fac9u, 0x3cdcb848u, 0x9419f424u, 0x40c0ac2eu, 0xdc2822dbu, 0x7098d014u, 0x18322739u}};
}

// Signed digits of a scalar of at most 253 bits, `width` bits at a time from below: in codes[window][i], the bucket with the sign
// in the top bit. A digit's rank in its bucket comes from counting it.
extern "C" __global__ void digits(const Fr* scalars, uint32_t n, uint32_t columns, uint32_t width, uint32_t windows,
                                  uint32_t* codes, uint32_t* ranks, uint32_t* counts) {
    const uint32_t id = blockIdx.x * blockDim.x + threadIdx.x;
    if (id >= n * columns) return;
    const uint32_t column = id / n, i = id - column * n;
    Fr magnitude = integer(load(scalars + id)), half = half_modulus();
    const bool negative = subtract_words(half.w, magnitude.w) != 0;
    if (negative) magnitude = negate(magnitude);
    uint32_t carry = 0;
    for (uint32_t w = 0; w < windows; w++) {
        const uint32_t start = w * width, word = start / 32;
        uint32_t low = 0, high = 0;
#pragma unroll
        for (uint32_t k = 0; k < 8; k++) {
            low = k == word ? magnitude.w[k] : low;
            high = k == word + 1 ? magnitude.w[k] : high;
        }
        const uint64_t bits = (uint64_t(high) << 32 | low) >> (start % 32);
        uint32_t digit = (uint32_t(bits) & ((1u << width) - 1)) + carry;
        carry = digit > 1u << (width - 1);
        if (carry) digit = (1u << width) - digit;
        const size_t row = size_t(column) * windows + w, at = row * n + i;
        if (digit == 0) {
            codes[at] = NO_DIGIT;
        } else {
            codes[at] = (digit - 1) | ((carry != 0) != negative ? NEGATIVE : 0);
            ranks[at] = atomicAdd(counts + (row << (width - 1)) + digit - 1, 1u);
        }
    }
}

// Entries of each bucket side by side: the index of the base, the sign in the top bit. One row of blocks a window.
extern "C" __global__ void place(const uint32_t* codes, const uint32_t* ranks, const uint32_t* offsets, uint32_t* entries, uint32_t n,
                                 uint32_t log_buckets) {
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const size_t at = size_t(blockIdx.y) * n + i;
    const uint32_t code = codes[at];
    if (code == NO_DIGIT) return;
    const size_t bucket = (size_t(blockIdx.y) << log_buckets) + (code & ~NEGATIVE);
    entries[offsets[bucket] + ranks[at]] = i | (code & NEGATIVE);
}

// counts[b] := number of pieces of bucket b, for b < buckets, and 0 behind the last, where the total will stand; the most into
// `largest`, which few threads find too small.
extern "C" __global__ void piece_counts(const uint32_t* offsets, uint32_t* counts, uint32_t* largest, uint32_t buckets,
                                        uint32_t piece) {
    const uint32_t b = blockIdx.x * blockDim.x + threadIdx.x;
    if (b > buckets) return;
    const uint32_t count = b == buckets ? 0 : (offsets[b + 1] - offsets[b] + piece - 1) / piece;
    counts[b] = count;
    if (count > *static_cast<volatile uint32_t*>(largest)) atomicMax(largest, count);
}

#define SCAN_THREADS 256
#define SCAN_ITEMS 8

// Exclusive sums in place within blocks of SCAN_THREADS * SCAN_ITEMS, and the total of each block.
extern "C" __global__ void __launch_bounds__(SCAN_THREADS) scan(uint32_t* values, uint32_t* totals, uint32_t count) {
    __shared__ uint32_t sums[SCAN_THREADS];
    const uint32_t first = (blockIdx.x * SCAN_THREADS + threadIdx.x) * SCAN_ITEMS;
    uint32_t own[SCAN_ITEMS], total = 0;
#pragma unroll
    for (uint32_t k = 0; k < SCAN_ITEMS; k++) {
        own[k] = total;
        total += first + k < count ? values[first + k] : 0;
    }
    sums[threadIdx.x] = total;
    __syncthreads();
    for (uint32_t distance = 1; distance < SCAN_THREADS; distance *= 2) {
        const uint32_t left = threadIdx.x >= distance ? sums[threadIdx.x - distance] : 0;
        __syncthreads();
        sums[threadIdx.x] += left;
        __syncthreads();
    }
    const uint32_t before = sums[threadIdx.x] - total;
#pragma unroll
    for (uint32_t k = 0; k < SCAN_ITEMS; k++) {
        if (first + k < count) values[first + k] = before + own[k];
    }
    if (threadIdx.x == SCAN_THREADS - 1) totals[blockIdx.x] = before + total;
}

// Adds the sums of the blocks before.
extern "C" __global__ void scan_add(uint32_t* values, const uint32_t* totals, uint32_t count) {
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) values[i] += totals[i / (SCAN_THREADS * SCAN_ITEMS)];
}

// What a piece adds: items [start, end) of the level below.
struct Piece {
    uint32_t start, end;
};

// The bucket of a piece is the last whose first piece is not behind it: empty buckets have none.
INLINE Piece find_piece(const uint32_t* items, const uint32_t* pieces, uint32_t buckets, uint32_t piece, uint32_t id) {
    uint32_t low = 0, high = buckets;
    while (high - low > 1) {
        const uint32_t middle = (low + high) / 2;
        if (pieces[middle] <= id) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const uint32_t start = items[low] + (id - pieces[low]) * piece, end = items[low + 1];
    return {start, end - start < piece ? end : start + piece};
}

// Sums of pieces of entries.
extern "C" __global__ void __launch_bounds__(128)
    sum_entries(const Affine* bases, const uint32_t* entries, const uint32_t* items, const uint32_t* pieces, uint32_t buckets,
                uint32_t piece, Xyzz* out) {
    const uint32_t id = blockIdx.x * blockDim.x + threadIdx.x;
    if (id >= pieces[buckets]) return;
    const Piece range = find_piece(items, pieces, buckets, piece, id);
    Xyzz sum = infinity();
#pragma unroll 1
    for (uint32_t k = range.start; k < range.end; k++) {
        const uint32_t entry = entries[k];
        Affine point = load(bases + (entry & ~NEGATIVE));
        if (is_zero(point.x) && is_zero(point.y)) continue;
        if (entry & NEGATIVE) point.y = negate(point.y);
        sum = add(sum, point);
    }
    out[id] = sum;
}

// Sums of pieces of sums.
extern "C" __global__ void __launch_bounds__(128)
    sum_sums(const Xyzz* in, const uint32_t* items, const uint32_t* pieces, uint32_t buckets, uint32_t piece, Xyzz* out) {
    const uint32_t id = blockIdx.x * blockDim.x + threadIdx.x;
    if (id >= pieces[buckets]) return;
    const Piece range = find_piece(items, pieces, buckets, piece, id);
    Xyzz sum = load(in + range.start);
#pragma unroll 1
    for (uint32_t k = range.start + 1; k < range.end; k++) sum = add(sum, load(in + k));
    out[id] = sum;
}

// Each bucket's sum in its place; empty ones are infinity.
extern "C" __global__ void __launch_bounds__(128)
    sum_buckets(const Xyzz* in, const uint32_t* items, uint32_t buckets, Xyzz* out) {
    const uint32_t b = blockIdx.x * blockDim.x + threadIdx.x;
    if (b >= buckets) return;
    const uint32_t end = items[b + 1];
    Xyzz sum = infinity();
#pragma unroll 1
    for (uint32_t k = items[b]; k < end; k++) sum = add(sum, load(in + k));
    out[b] = sum;
}

// One level of the fold, of vectors of 2 half points to half. Vector 0 holds, at its place i, every bucket whose index is i modulo
// its length; vector v > 0 begins at 2^(log_buckets - v) and holds the buckets that have this bit, likewise. The upper half of
// vector 0 stays: it is the next vector.
extern "C" __global__ void __launch_bounds__(128)
    fold(Xyzz* buckets, uint32_t log_buckets, uint32_t log_half, uint32_t vectors, uint32_t windows) {
    const uint32_t id = blockIdx.x * blockDim.x + threadIdx.x;
    const uint32_t i = id & ((1u << log_half) - 1), row = id >> log_half;
    if (row >= vectors * windows) return;
    const uint32_t window = row / vectors, vector = row - window * vectors;
    Xyzz* to = buckets + (size_t(window) << log_buckets) + (vector ? size_t(1) << (log_buckets - vector) : 0) + i;
    *to = add(*to, to[size_t(1) << log_half]);
}

// What is left of a window: the sum of all buckets, then for each bit from 0 the sum of the buckets with this bit.
extern "C" __global__ void gather_sums(const Xyzz* buckets, uint32_t log_buckets, uint32_t windows, Xyzz* out) {
    const uint32_t id = blockIdx.x * blockDim.x + threadIdx.x, row = log_buckets + 1;
    if (id >= row * windows) return;
    const uint32_t window = id / row, k = id - window * row;
    out[id] = buckets[(size_t(window) << log_buckets) + (k ? size_t(1) << (k - 1) : 0)];
}
