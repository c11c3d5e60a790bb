// Elements of the two fields of BN254 on a GPU: Fr and Fq, eight words of 32 bits, Montgomery form with R = 2^256.
//
// The memory of an element is arkworks' memory of it, so columns travel as they are. Values are always below the modulus:
// zero and equality are exact. The carry chains are PTX; where no GPU compiles this (emulator.cpp), the same sums are C++.
// What it is not: constant time; nothing here is secret to the prover that computes it.
//
// Source: P. L. Montgomery, "Modular multiplication without trial division" (1985), one word of the second factor at a time.
// A product of words has two words, so products with the even words of a factor fill one row without overlap, those with the
// odd words another row one word higher; both rows are single chains of multiply-add with carry.
#pragma once
#include <stdint.h>

#define INLINE static __device__ __forceinline__

// The scalar field: modulus r.
struct ScalarField {
    static constexpr uint32_t INVERSE = 0xefffffffu;  // -1 / r modulo 2^32
    INLINE constexpr uint32_t modulus(int i) {
        constexpr uint32_t words[8] = {0xf0000001u, 0x43e1f593u, 0x79b97091u, 0x2833e848u,
                                       0x8181585du, 0xb85045b6u, 0xe131a029u, 0x30644e72u};
        return words[i];
    }
};

// The field of coordinates: modulus q.
struct BaseField {
    static constexpr uint32_t INVERSE = 0xe4866389u;  // -1 / q modulo 2^32
    INLINE constexpr uint32_t modulus(int i) {
        constexpr uint32_t words[8] = {0xd87cfd47u, 0x3c208c16u, 0x6871ca8du, 0x97816a91u,
                                       0x8181585du, 0xb85045b6u, 0xe131a029u, 0x30644e72u};
        return words[i];
    }
};

// An element of a field, or eight words of anything.
template <class F>
struct alignas(16) Element {
    uint32_t w[8];
};

typedef Element<ScalarField> Fr;
typedef Element<BaseField> Fq;

// Two 16-byte loads through the read-only cache.
template <class F>
INLINE Element<F> load(const Element<F>* from) {
    const uint4* p = reinterpret_cast<const uint4*>(from);
    const uint4 a = __ldg(p), b = __ldg(p + 1);
    return {{a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w}};
}

#ifdef __CUDA_ARCH__

// t + 2^256 top += sum of x_k y 2^(64 k), over the four even (or odd) words x_k of a factor. Inputs are copied first: an output
// register may be that of an input that is still to be read.
INLINE void multiply_add(uint32_t (&t)[8], uint32_t& top, uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, uint32_t y) {
    asm("{\n\t.reg .u32 a, b, c, d, y;\n\t"
        "mov.u32 a, %9; mov.u32 b, %10; mov.u32 c, %11; mov.u32 d, %12; mov.u32 y, %13;\n\t"
        "mad.lo.cc.u32 %0, a, y, %0; madc.hi.cc.u32 %1, a, y, %1;\n\t"
        "madc.lo.cc.u32 %2, b, y, %2; madc.hi.cc.u32 %3, b, y, %3;\n\t"
        "madc.lo.cc.u32 %4, c, y, %4; madc.hi.cc.u32 %5, c, y, %5;\n\t"
        "madc.lo.cc.u32 %6, d, y, %6; madc.hi.cc.u32 %7, d, y, %7;\n\t"
        "addc.u32 %8, %8, 0;\n\t}"
        : "+r"(t[0]), "+r"(t[1]), "+r"(t[2]), "+r"(t[3]), "+r"(t[4]), "+r"(t[5]), "+r"(t[6]), "+r"(t[7]), "+r"(top)
        : "r"(x0), "r"(x1), "r"(x2), "r"(x3), "r"(y));
}

// low += t[1]; then t, two words lower, plus that carry, plus the products as above. The sum fits.
INLINE void shift_multiply_add(uint32_t& low, uint32_t (&t)[8], uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, uint32_t y) {
    asm("{\n\t.reg .u32 a, b, c, d, y;\n\t"
        "mov.u32 a, %9; mov.u32 b, %10; mov.u32 c, %11; mov.u32 d, %12; mov.u32 y, %13;\n\t"
        "add.cc.u32 %8, %8, %1;\n\t"
        "madc.lo.cc.u32 %0, a, y, %2; madc.hi.cc.u32 %1, a, y, %3;\n\t"
        "madc.lo.cc.u32 %2, b, y, %4; madc.hi.cc.u32 %3, b, y, %5;\n\t"
        "madc.lo.cc.u32 %4, c, y, %6; madc.hi.cc.u32 %5, c, y, %7;\n\t"
        "madc.lo.cc.u32 %6, d, y, 0; madc.hi.u32 %7, d, y, 0;\n\t}"
        : "+r"(t[0]), "+r"(t[1]), "+r"(t[2]), "+r"(t[3]), "+r"(t[4]), "+r"(t[5]), "+r"(t[6]), "+r"(t[7]), "+r"(low)
        : "r"(x0), "r"(x1), "r"(x2), "r"(x3), "r"(y));
}

// x := x + y. The sum fits.
INLINE void add_words(uint32_t (&x)[8], const uint32_t (&y)[8]) {
    asm("{\n\t.reg .u32 a, b, c, d, e, f, g, h;\n\t"
        "mov.u32 a, %8; mov.u32 b, %9; mov.u32 c, %10; mov.u32 d, %11;\n\t"
        "mov.u32 e, %12; mov.u32 f, %13; mov.u32 g, %14; mov.u32 h, %15;\n\t"
        "add.cc.u32 %0, %0, a; addc.cc.u32 %1, %1, b; addc.cc.u32 %2, %2, c; addc.cc.u32 %3, %3, d;\n\t"
        "addc.cc.u32 %4, %4, e; addc.cc.u32 %5, %5, f; addc.cc.u32 %6, %6, g; addc.u32 %7, %7, h;\n\t}"
        : "+r"(x[0]), "+r"(x[1]), "+r"(x[2]), "+r"(x[3]), "+r"(x[4]), "+r"(x[5]), "+r"(x[6]), "+r"(x[7])
        : "r"(y[0]), "r"(y[1]), "r"(y[2]), "r"(y[3]), "r"(y[4]), "r"(y[5]), "r"(y[6]), "r"(y[7]));
}

// x := x - y modulo 2^256; all ones when that borrowed, else zero.
INLINE uint32_t subtract_words(uint32_t (&x)[8], const uint32_t (&y)[8]) {
    uint32_t borrow;
    asm("{\n\t.reg .u32 a, b, c, d, e, f, g, h;\n\t"
        "mov.u32 a, %9; mov.u32 b, %10; mov.u32 c, %11; mov.u32 d, %12;\n\t"
        "mov.u32 e, %13; mov.u32 f, %14; mov.u32 g, %15; mov.u32 h, %16;\n\t"
        "sub.cc.u32 %0, %0, a; subc.cc.u32 %1, %1, b; subc.cc.u32 %2, %2, c; subc.cc.u32 %3, %3, d;\n\t"
        "subc.cc.u32 %4, %4, e; subc.cc.u32 %5, %5, f; subc.cc.u32 %6, %6, g; subc.cc.u32 %7, %7, h;\n\t"
        "subc.u32 %8, 0, 0;\n\t}"
        : "+r"(x[0]), "+r"(x[1]), "+r"(x[2]), "+r"(x[3]), "+r"(x[4]), "+r"(x[5]), "+r"(x[6]), "+r"(x[7]), "=r"(borrow)
        : "r"(y[0]), "r"(y[1]), "r"(y[2]), "r"(y[3]), "r"(y[4]), "r"(y[5]), "r"(y[6]), "r"(y[7]));
    return borrow;
}

#else

INLINE void multiply_add(uint32_t (&t)[8], uint32_t& top, uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, uint32_t y) {
    const uint32_t x[4] = {x0, x1, x2, x3};
    uint64_t carry = 0;
    for (int k = 0; k < 4; k++) {
        const uint64_t product = uint64_t(x[k]) * y;
        carry += uint64_t(t[2 * k]) + uint32_t(product);
        t[2 * k] = uint32_t(carry);
        carry = (carry >> 32) + t[2 * k + 1] + (product >> 32);
        t[2 * k + 1] = uint32_t(carry);
        carry >>= 32;
    }
    top += uint32_t(carry);
}

INLINE void shift_multiply_add(uint32_t& low, uint32_t (&t)[8], uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3, uint32_t y) {
    const uint64_t sum = uint64_t(low) + t[1];
    low = uint32_t(sum);
    uint32_t shifted[8] = {t[2], t[3], t[4], t[5], t[6], t[7], 0, 0}, none = 0;
    for (int k = 0; k < 8; k++) t[k] = 0;
    t[0] = uint32_t(sum >> 32);
    multiply_add(shifted, none, x0, x1, x2, x3, y);
    uint64_t carry = 0;
    for (int k = 0; k < 8; k++) {
        carry += uint64_t(t[k]) + shifted[k];
        t[k] = uint32_t(carry);
        carry >>= 32;
    }
}

INLINE void add_words(uint32_t (&x)[8], const uint32_t (&y)[8]) {
    uint64_t carry = 0;
    for (int k = 0; k < 8; k++) {
        carry += uint64_t(x[k]) + y[k];
        x[k] = uint32_t(carry);
        carry >>= 32;
    }
}

INLINE uint32_t subtract_words(uint32_t (&x)[8], const uint32_t (&y)[8]) {
    int64_t carry = 0;
    for (int k = 0; k < 8; k++) {
        carry += int64_t(x[k]) - int64_t(y[k]);
        x[k] = uint32_t(carry);
        carry >>= 32;
    }
    return uint32_t(carry);
}

#endif

// From below 2 p to below p.
template <class F>
INLINE Element<F> reduce(const Element<F>& x) {
    Element<F> modulus, out = x;
#pragma unroll
    for (int k = 0; k < 8; k++) modulus.w[k] = F::modulus(k);
    const uint32_t below = subtract_words(out.w, modulus.w);
#pragma unroll
    for (int k = 0; k < 8; k++) out.w[k] = below ? x.w[k] : out.w[k];
    return out;
}

template <class F>
INLINE Element<F> operator+(const Element<F>& x, const Element<F>& y) {
    Element<F> sum = x;
    add_words(sum.w, y.w);
    return reduce(sum);
}

template <class F>
INLINE Element<F> operator-(const Element<F>& x, const Element<F>& y) {
    Element<F> out = x, correction;
    const uint32_t borrow = subtract_words(out.w, y.w);
#pragma unroll
    for (int k = 0; k < 8; k++) correction.w[k] = F::modulus(k) & borrow;
    add_words(out.w, correction.w);
    return out;
}

template <class F>
INLINE Element<F> zero() {
    return {{0, 0, 0, 0, 0, 0, 0, 0}};
}

template <class F>
INLINE bool is_zero(const Element<F>& x) {
    return (x.w[0] | x.w[1] | x.w[2] | x.w[3] | x.w[4] | x.w[5] | x.w[6] | x.w[7]) == 0;
}

template <class F>
INLINE Element<F> negate(const Element<F>& x) {
    return zero<F>() - x;
}

template <class F>
INLINE Element<F> twice(const Element<F>& x) {
    return x + x;
}

// One word y of the second factor: low + 2^32 high, one word lower, plus x y plus the multiple of p that clears word 0 of low.
// The total before the shift is below 2^288, so the high row takes every carry of the low one.
template <class F, bool FIRST>
INLINE void multiply_word(uint32_t (&low)[8], uint32_t (&high)[8], const Element<F>& x, uint32_t y) {
    uint32_t none = 0;
    if (FIRST) {
        multiply_add(high, none, x.w[1], x.w[3], x.w[5], x.w[7], y);
    } else {
        shift_multiply_add(low[0], high, x.w[1], x.w[3], x.w[5], x.w[7], y);
    }
    multiply_add(low, high[7], x.w[0], x.w[2], x.w[4], x.w[6], y);
    const uint32_t m = low[0] * F::INVERSE;
    multiply_add(high, none, F::modulus(1), F::modulus(3), F::modulus(5), F::modulus(7), m);
    multiply_add(low, high[7], F::modulus(0), F::modulus(2), F::modulus(4), F::modulus(6), m);
}

// x y / 2^256. The rows change places with every word: what was the high row begins at word 0 after the shift.
template <class F>
INLINE Element<F> operator*(const Element<F>& x, const Element<F>& y) {
    uint32_t even[8] = {0, 0, 0, 0, 0, 0, 0, 0}, odd[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    multiply_word<F, true>(even, odd, x, y.w[0]);
    multiply_word<F, false>(odd, even, x, y.w[1]);
    multiply_word<F, false>(even, odd, x, y.w[2]);
    multiply_word<F, false>(odd, even, x, y.w[3]);
    multiply_word<F, false>(even, odd, x, y.w[4]);
    multiply_word<F, false>(odd, even, x, y.w[5]);
    multiply_word<F, false>(even, odd, x, y.w[6]);
    multiply_word<F, false>(odd, even, x, y.w[7]);
    Element<F> out = {{even[0], even[1], even[2], even[3], even[4], even[5], even[6], even[7]}};
    const uint32_t rest[8] = {odd[1], odd[2], odd[3], odd[4], odd[5], odd[6], odd[7], 0};
    add_words(out.w, rest);
    return reduce(out);
}

template <class F>
INLINE Element<F> square(const Element<F>& x) {
    return x * x;
}

// From Montgomery form to the integer.
template <class F>
INLINE Element<F> integer(const Element<F>& x) {
    const Element<F> one = {{1, 0, 0, 0, 0, 0, 0, 0}};
    return x * one;
}
