// A CUDA driver that runs these kernels on the processor, thread after thread: for tests where there is no GPU.
//
// `c++ -O2 -shared -fPIC -o libcuda_emulated.so emulator.cpp` makes a library with the functions of libcuda.so.1 that
// `src/cuda/driver.rs` calls; L2ROLLUP_CUDA_DRIVER names it. What runs is the C++ of the kernels, launches and memory of the host code
// included; what does not is their PTX, so this replaces no test on a GPU. Barriers switch between the threads of a block.
// What it is not: fast, parallel, or a driver for any other program.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <ucontext.h>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

struct uint4 {
    uint32_t x, y, z, w;
};
struct Index {
    uint32_t x, y, z;
};

#define __device__
#define __global__
#define __shared__ static
#define __forceinline__ inline
#define __launch_bounds__(threads)

static Index threadIdx, blockIdx, blockDim, gridDim;

static uint4 make_uint4(uint32_t x, uint32_t y, uint32_t z, uint32_t w) { return {x, y, z, w}; }
template <class T>
static T __ldg(const T* p) { return *p; }
static uint32_t __brev(uint32_t x) {
    uint32_t out = 0;
    for (int i = 0; i < 32; i++) out |= (x >> i & 1) << (31 - i);
    return out;
}
static uint32_t atomicAdd(uint32_t* at, uint32_t x) {
    const uint32_t before = *at;
    *at += x;
    return before;
}

static uint32_t atomicMax(uint32_t* at, uint32_t x) {
    const uint32_t before = *at;
    if (x > before) *at = x;
    return before;
}

// The threads of a block that wait at a barrier.
struct Fiber {
    ucontext_t context;
    std::vector<char> stack = std::vector<char>(64 * 1024);
    bool done = false;
};
static std::vector<Fiber*> fibers;
static ucontext_t scheduler;
static Fiber* current;

static void __syncthreads() { swapcontext(&current->context, &scheduler); }

#include "transform.cu"
#include "poseidon2.cu"
#include "msm.cu"
#include "identities.cu"

typedef void (*Call)(void**);

template <class... A, size_t... I>
static void spread(void (*kernel)(A...), void** p, std::index_sequence<I...>) { kernel(*static_cast<A*>(p[I])...); }
template <class... A>
static void call(void (*kernel)(A...), void** p) { spread(kernel, p, std::index_sequence_for<A...>()); }

struct Kernel {
    Call run;
    bool barriers;
};
#define KERNEL(name, barriers) {#name, {[](void** p) { call(name, p); }, barriers}}
static std::unordered_map<std::string, Kernel> kernels = {
    KERNEL(powers, false),       KERNEL(transform_pass, true), KERNEL(poseidon2, false),   KERNEL(digits, false),
    KERNEL(place, false),        KERNEL(piece_counts, false),  KERNEL(scan, true),         KERNEL(scan_add, false),
    KERNEL(sum_entries, false),  KERNEL(sum_sums, false),      KERNEL(sum_buckets, false), KERNEL(fold, false),
    KERNEL(gather_sums, false),  KERNEL(identities, false),
};

static std::mutex lock;
static Call running;
static void** parameters;

static void enter() {
    running(parameters);
    current->done = true;
}

static void run_block(const Kernel& kernel, uint32_t threads) {
    if (!kernel.barriers) {
        for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++) kernel.run(parameters);
        return;
    }
    while (fibers.size() < threads) fibers.push_back(new Fiber);
    for (uint32_t t = 0; t < threads; t++) {
        Fiber* fiber = fibers[t];
        fiber->done = false;
        getcontext(&fiber->context);
        fiber->context.uc_stack.ss_sp = fiber->stack.data();
        fiber->context.uc_stack.ss_size = fiber->stack.size();
        fiber->context.uc_link = &scheduler;
        makecontext(&fiber->context, enter, 0);
    }
    for (bool waiting = true; waiting;) {
        waiting = false;
        for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++) {
            current = fibers[threadIdx.x];
            if (current->done) continue;
            swapcontext(&scheduler, &current->context);
            waiting |= !current->done;
        }
    }
}

// Allocations, to refuse what is not one; and how many more are granted where CUDA_EMULATED_ALLOCATIONS says a number.
static std::unordered_set<uint64_t> allocated;
static const char* granted = getenv("CUDA_EMULATED_ALLOCATIONS");
static long remaining = granted ? atol(granted) : -1;

extern "C" {
int cuInit(unsigned) { return 0; }
int cuDriverGetVersion(int* version) { return *version = 13000, 0; }
int cuDeviceGetCount(int* count) { return *count = 1, 0; }
int cuDeviceGet(int* device, int) { return *device = 0, 0; }
int cuDeviceGetName(char* name, int size, int) { return strncpy(name, "emulated by the processor", size), 0; }
int cuDevicePrimaryCtxRetain(void** context, int) { return *context = &lock, 0; }
int cuCtxSetCurrent(void*) { return 0; }
int cuCtxSynchronize() { return 0; }
int cuModuleLoadData(void** module, const void*) { return *module = &kernels, 0; }
int cuGetErrorName(int, const char** name) { return *name = "EMULATED", 0; }
int cuModuleGetFunction(void** function, void*, const char* name) {
    const auto found = kernels.find(name);
    if (found == kernels.end()) return 500;
    return *function = &found->second, 0;
}
int cuMemAlloc_v2(uint64_t* pointer, size_t bytes) {
    std::lock_guard<std::mutex> guard(lock);
    if (remaining == 0) return 2;
    if (remaining > 0) remaining--;
    void* memory = aligned_alloc(256, (bytes + 255) / 256 * 256);
    if (!memory) return 2;
    memset(memory, 0xa5, bytes);
    *pointer = reinterpret_cast<uint64_t>(memory);
    allocated.insert(*pointer);
    return 0;
}
int cuMemFree_v2(uint64_t pointer) {
    std::lock_guard<std::mutex> guard(lock);
    if (!allocated.erase(pointer)) return 1;
    free(reinterpret_cast<void*>(pointer));
    return 0;
}
int cuMemcpyHtoD_v2(uint64_t to, const void* from, size_t bytes) { return memcpy(reinterpret_cast<void*>(to), from, bytes), 0; }
int cuMemcpyDtoH_v2(void* to, uint64_t from, size_t bytes) { return memcpy(to, reinterpret_cast<void*>(from), bytes), 0; }
int cuMemsetD8_v2(uint64_t to, unsigned char value, size_t bytes) { return memset(reinterpret_cast<void*>(to), value, bytes), 0; }
int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned, void*,
                   void** kernel_parameters, void**) {
    std::lock_guard<std::mutex> guard(lock);
    if (!gx || !gy || gz != 1 || !bx || bx > 1024 || by != 1 || bz != 1 || gy > 65535) return 1;
    const Kernel& kernel = *static_cast<Kernel*>(function);
    running = kernel.run;
    parameters = kernel_parameters;
    gridDim = {gx, gy, 1};
    blockDim = {bx, 1, 1};
    for (blockIdx.y = 0; blockIdx.y < gy; blockIdx.y++)
        for (blockIdx.x = 0; blockIdx.x < gx; blockIdx.x++) run_block(kernel, bx);
    return 0;
}
}
