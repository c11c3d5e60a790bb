// A straight-line program over the rows of columns, one row a thread; its outputs folded by powers of y.
//
// A step is (operation, first operand, second operand, register of the result). The top two bits of an operand say what it is:
// a register, a source or a constant. All threads take the same way, so deciding costs little; registers lie in device memory,
// halves of neighbouring rows side by side. What it is not: a compiler; `src/cuda/identities.rs` plans.
#include "field.cuh"

enum Operation { ADD, SUBTRACT, MULTIPLY, FOLD };
enum Operand { REGISTER, SOURCE, CONSTANT };

// Row r reads values[(r + next) & mask].
struct Source {
    const Fr* values;
    uint32_t mask, next;
};

INLINE Fr read_operand(uint32_t operand, const Source* sources, const Fr* constants, const uint4* registers, uint32_t row, uint32_t n) {
    const uint32_t index = operand & 0x3fffffffu;
    switch (operand >> 30) {
        case SOURCE: {
            const Source source = sources[index];
            return load(source.values + ((row + source.next) & source.mask));
        }
        case CONSTANT:
            return load(constants + index);
        default: {
            const uint4 a = registers[size_t(2 * index) * n + row], b = registers[size_t(2 * index + 1) * n + row];
            return {{a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w}};
        }
    }
}

// out[row] = scale (sum over the k outputs of y^(k - 1 - i) output i); constants begin with y and scale.
extern "C" __global__ void __launch_bounds__(128)
    identities(const uint4* steps, uint32_t count, const Source* sources, const Fr* constants, uint4* registers, Fr* out, uint32_t n) {
    const uint32_t row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= n) return;
    const Fr y = load(constants);
    Fr folded = zero<ScalarField>();
#pragma unroll 1
    for (uint32_t k = 0; k < count; k++) {
        const uint4 step = __ldg(steps + k);
        const Fr a = read_operand(step.y, sources, constants, registers, row, n);
        if (step.x == FOLD) {
            folded = folded * y + a;
            continue;
        }
        const Fr b = read_operand(step.z, sources, constants, registers, row, n);
        const Fr c = step.x == MULTIPLY ? a * b : step.x == ADD ? a + b : a - b;
        registers[size_t(2 * step.w) * n + row] = make_uint4(c.w[0], c.w[1], c.w[2], c.w[3]);
        registers[size_t(2 * step.w + 1) * n + row] = make_uint4(c.w[4], c.w[5], c.w[6], c.w[7]);
    }
    out[row] = folded * load(constants + 1);
}
