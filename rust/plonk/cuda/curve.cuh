// Points of G1 of BN254 (y^2 = x^3 + 3) on a GPU: affine, and XYZZ: x = X / ZZ, y = Y / ZZZ with ZZ^3 = ZZZ^2.
//
// Infinity is (0, 0) affine, which is not on the curve, and ZZ = 0 in XYZZ. Every sum is complete: equal points double,
// opposite points give infinity. No point has y = 0, because the order of the group is odd.
//
// Source: the Explicit-Formulas Database, short Weierstrass with a = 0, coordinates xyzz: madd-2008-s, add-2008-s,
// dbl-2008-s-1, mdbl-2008-s-1.
#pragma once
#include "field.cuh"

struct Affine {
    Fq x, y;
};

struct Xyzz {
    Fq x, y, zz, zzz;
};

INLINE Xyzz infinity() {
    return {zero<BaseField>(), zero<BaseField>(), zero<BaseField>(), zero<BaseField>()};
}

INLINE bool is_infinity(const Xyzz& p) {
    return is_zero(p.zz);
}

INLINE Affine load(const Affine* from) {
    return {load(&from->x), load(&from->y)};
}

INLINE Xyzz load(const Xyzz* from) {
    return {load(&from->x), load(&from->y), load(&from->zz), load(&from->zzz)};
}

// Fields of XYZZ from slopes: numerator m = 3 x^2 over u = 2 y, for (x, y) scaled by (zz, zzz).
INLINE Xyzz twice(const Xyzz& p) {
    const Fq u = twice(p.y), v = square(u), w = u * v, s = p.x * v;
    const Fq xx = square(p.x), m = twice(xx) + xx;
    const Fq x = square(m) - twice(s);
    return {x, m * (s - x) - w * p.y, v * p.zz, w * p.zzz};
}

// A point (not infinity) as XYZZ; the one of Montgomery form is 2^256 modulo q.
INLINE Xyzz widen(const Affine& p) {
    const Fq one = {{0xc58f0d9du, 0xd35d438du, 0xf5c70b3du, 0x0a78eb28u, 0x7879462cu, 0x666ea36fu, 0x9a07df2fu, 0x0e0a77c1u}};
    return {p.x, p.y, one, one};
}

// p + q for an affine q that is not infinity.
INLINE Xyzz add(const Xyzz& p, const Affine& q) {
    if (is_infinity(p)) return widen(q);
    const Fq h = q.x * p.zz - p.x, r = q.y * p.zzz - p.y;
    if (is_zero(h)) return is_zero(r) ? twice(p) : infinity();
    const Fq hh = square(h), hhh = h * hh, v = p.x * hh;
    const Fq x = square(r) - hhh - twice(v);
    return {x, r * (v - x) - p.y * hhh, p.zz * hh, p.zzz * hhh};
}

INLINE Xyzz add(const Xyzz& p, const Xyzz& q) {
    if (is_infinity(p)) return q;
    if (is_infinity(q)) return p;
    const Fq u = p.x * q.zz, s = p.y * q.zzz;
    const Fq h = q.x * p.zz - u, r = q.y * p.zzz - s;
    if (is_zero(h)) return is_zero(r) ? twice(p) : infinity();
    const Fq hh = square(h), hhh = h * hh, v = u * hh;
    const Fq x = square(r) - hhh - twice(v);
    return {x, r * (v - x) - s * hhh, p.zz * q.zz * hh, p.zzz * q.zzz * hhh};
}
