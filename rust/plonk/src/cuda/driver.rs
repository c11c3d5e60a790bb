//! The functions of the CUDA driver that the kernels need, found in libcuda.so.1 at run time.
//!
//! `L2ROLLUP_CUDA_DRIVER` names another library with the same functions (`cuda/emulator.cpp`). What it is not: a binding of all.
//!
//! Source: CUDA Driver API reference; the names with `_v2` are those of 64-bit sizes.

use std::ffi::{c_char, c_int, c_uint, c_void, CStr, CString};

use libloading::Library;

use crate::error::CudaError;

/// Memory on the device, as the driver counts.
pub(super) type Pointer = u64;

macro_rules! driver {
    ($($field:ident = $symbol:literal ($($argument:ty),*);)*) => {
        /// The functions, alive as long as the library.
        pub(super) struct Driver {
            $($field: unsafe extern "C" fn($($argument),*) -> c_int,)*
            _library: Library,
        }

        impl Driver {
            fn load(name: &str) -> Result<Self, CudaError> {
                let missing = |e: libloading::Error| CudaError::NoDevice(format!("{name}: {e}"));
                // SAFETY: the library is the driver's, or one that the operator names; its initialisers are its own affair.
                let library = unsafe { Library::new(name) }.map_err(missing)?;
                Ok(Self {
                    // SAFETY: the types are those of the driver's header cuda.h; the library is kept as long as its functions.
                    $($field: *unsafe { library.get(concat!($symbol, "\0").as_bytes()) }.map_err(missing)?,)*
                    _library: library,
                })
            }
        }
    };
}

driver! {
    init = "cuInit"(c_uint);
    version = "cuDriverGetVersion"(*mut c_int);
    device_count = "cuDeviceGetCount"(*mut c_int);
    device = "cuDeviceGet"(*mut c_int, c_int);
    device_name = "cuDeviceGetName"(*mut c_char, c_int, c_int);
    retain_context = "cuDevicePrimaryCtxRetain"(*mut usize, c_int);
    set_context = "cuCtxSetCurrent"(usize);
    synchronize = "cuCtxSynchronize"();
    load_module = "cuModuleLoadData"(*mut usize, *const c_void);
    function = "cuModuleGetFunction"(*mut usize, usize, *const c_char);
    launch = "cuLaunchKernel"(
        usize, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, usize, *mut *mut c_void, *mut *mut c_void
    );
    allocate = "cuMemAlloc_v2"(*mut Pointer, usize);
    free = "cuMemFree_v2"(Pointer);
    to_device = "cuMemcpyHtoD_v2"(Pointer, *const c_void, usize);
    to_host = "cuMemcpyDtoH_v2"(*mut c_void, Pointer, usize);
    clear = "cuMemsetD8_v2"(Pointer, u8, usize);
    error_name = "cuGetErrorName"(c_int, *mut *const c_char);
}

/// A kernel of a loaded module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function(usize);

/// A context of the first device.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context(usize);

/// An argument of a kernel.
#[derive(Clone, Copy, Debug)]
pub(super) enum Argument {
    Pointer(Pointer),
    Word(u32),
}

impl Driver {
    /// Loads the driver and takes the primary context of the first device; its name and the driver's version beside.
    pub(super) fn open() -> Result<(Self, Context, String), CudaError> {
        let library = std::env::var("L2ROLLUP_CUDA_DRIVER").unwrap_or_else(|_| "libcuda.so.1".into());
        let driver = Self::load(&library)?;
        let (mut version, mut count, mut device, mut context) = (0, 0, 0, 0);
        let mut name = [0u8; 128];
        // SAFETY: every pointer is to a live variable of the type that the function writes.
        let done = unsafe {
            driver.check("cuInit", (driver.init)(0)).and_then(|()| {
                driver.check("cuDriverGetVersion", (driver.version)(&mut version))?;
                driver.check("cuDeviceGetCount", (driver.device_count)(&mut count))?;
                driver.check("cuDeviceGet", (driver.device)(&mut device, 0))?;
                let length = name.len() as c_int - 1;
                driver.check("cuDeviceGetName", (driver.device_name)(name.as_mut_ptr().cast(), length, device))?;
                driver.check("cuDevicePrimaryCtxRetain", (driver.retain_context)(&mut context, device))
            })
        };
        done.map_err(|e| CudaError::NoDevice(format!("{e}, {count} devices")))?;
        let name = CStr::from_bytes_until_nul(&name).map_or_else(|_| "unnamed".into(), CStr::to_string_lossy);
        let name = format!("{name}, driver for CUDA {}.{}", version / 1000, version % 1000 / 10);
        Ok((driver, Context(context), name))
    }

    fn check(&self, call: &'static str, code: c_int) -> Result<(), CudaError> {
        if code == 0 {
            return Ok(());
        }
        let mut name: *const c_char = std::ptr::null();
        // SAFETY: the driver writes a pointer to a constant string of its own, or null.
        let name = unsafe {
            (self.error_name)(code, &mut name);
            if name.is_null() {
                "unknown".into()
            } else {
                CStr::from_ptr(name).to_string_lossy().into_owned()
            }
        };
        Err(CudaError::Driver { call, code, name })
    }

    /// Makes the context that of the calling thread; every other call below needs it.
    pub(super) fn enter(&self, context: Context) -> Result<(), CudaError> {
        // SAFETY: the context is retained for the life of the process.
        self.check("cuCtxSetCurrent", unsafe { (self.set_context)(context.0) })
    }

    /// Waits for everything launched.
    pub(super) fn synchronize(&self) -> Result<(), CudaError> {
        // SAFETY: no argument.
        self.check("cuCtxSynchronize", unsafe { (self.synchronize)() })
    }

    /// Compiles PTX; the module stays for the life of the process.
    pub(super) fn module(&self, ptx: &str) -> Result<usize, CudaError> {
        let text = CString::new(ptx).map_err(|_| CudaError::NoDevice("PTX holds a zero byte".into()))?;
        let mut module = 0;
        // SAFETY: the text ends with a zero byte; the driver copies it.
        self.check("cuModuleLoadData", unsafe { (self.load_module)(&mut module, text.as_ptr().cast()) })?;
        Ok(module)
    }

    pub(super) fn function(&self, module: usize, name: &CStr) -> Result<Function, CudaError> {
        let mut function = 0;
        // SAFETY: the module is loaded, the name ends with a zero byte.
        self.check("cuModuleGetFunction", unsafe { (self.function)(&mut function, module, name.as_ptr()) })?;
        Ok(Function(function))
    }

    /// Starts a kernel on the stream that all share: launches and copies follow each other in order.
    ///
    /// # Safety
    /// The arguments are those of the kernel, and what it reads and writes through them lies in live allocations.
    pub(super) unsafe fn launch(
        &self,
        function: Function,
        grid: [usize; 2],
        block: usize,
        arguments: &mut [Argument],
    ) -> Result<(), CudaError> {
        if grid[0] == 0 || grid[1] == 0 {
            return Ok(());
        }
        let mut places: Vec<*mut c_void> = arguments
            .iter_mut()
            .map(|a| match a {
                Argument::Pointer(p) => std::ptr::from_mut(p).cast(),
                Argument::Word(w) => std::ptr::from_mut(w).cast(),
            })
            .collect();
        let (x, y, block) = (grid[0] as c_uint, grid[1] as c_uint, block as c_uint);
        let none = std::ptr::null_mut();
        // SAFETY: by the contract of this function; the driver copies the arguments before it returns.
        let code = unsafe { (self.launch)(function.0, x, y, 1, block, 1, 1, 0, 0, places.as_mut_ptr(), none) };
        self.check("cuLaunchKernel", code)
    }

    pub(super) fn allocate(&self, bytes: usize) -> Result<Pointer, CudaError> {
        let mut pointer = 0;
        // SAFETY: the driver writes one pointer.
        self.check("cuMemAlloc", unsafe { (self.allocate)(&mut pointer, bytes) })?;
        Ok(pointer)
    }

    /// # Safety
    /// The pointer came from `allocate` and is used nowhere any more.
    pub(super) unsafe fn free(&self, pointer: Pointer) -> Result<(), CudaError> {
        // SAFETY: by the contract of this function.
        self.check("cuMemFree", unsafe { (self.free)(pointer) })
    }

    /// # Safety
    /// `to` has room for the bytes.
    pub(super) unsafe fn to_device(&self, to: Pointer, from: &[u8]) -> Result<(), CudaError> {
        // SAFETY: by the contract of this function; the slice is as long as it says.
        self.check("cuMemcpyHtoD", unsafe { (self.to_device)(to, from.as_ptr().cast(), from.len()) })
    }

    /// # Safety
    /// `from` holds as many bytes, and any bytes are values of what `to` is the memory of.
    pub(super) unsafe fn to_host(&self, to: &mut [u8], from: Pointer) -> Result<(), CudaError> {
        // SAFETY: by the contract of this function; the slice is as long as it says.
        self.check("cuMemcpyDtoH", unsafe { (self.to_host)(to.as_mut_ptr().cast(), from, to.len()) })
    }

    /// # Safety
    /// `to` has room for the bytes.
    pub(super) unsafe fn clear(&self, to: Pointer, bytes: usize) -> Result<(), CudaError> {
        // SAFETY: by the contract of this function.
        self.check("cuMemsetD8", unsafe { (self.clear)(to, 0, bytes) })
    }
}
