//! Memory of the device: typed buffers out of a pool that keeps what was freed for the next of its size.
//!
//! All work is on one stream, so memory given back while a kernel still reads it is written only after that kernel.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use ark_bn254::Fr;

use super::driver::Pointer;
use super::kernels::Device;
use crate::error::CudaError;

/// An affine point: x, y in Montgomery form; (0, 0) is infinity.
pub(super) type AffineWords = [u64; 8];
/// A point in XYZZ: x = X / ZZ, y = Y / ZZZ.
pub(super) type XyzzWords = [u64; 16];

/// Types whose memory is the same on both sides.
///
/// # Safety
/// No padding, and any bytes are a value.
pub(super) unsafe trait Plain: Copy {}
// SAFETY: integers.
unsafe impl Plain for u32 {}
// SAFETY: integers.
unsafe impl Plain for AffineWords {}
// SAFETY: integers.
unsafe impl Plain for XyzzWords {}
// SAFETY: integers.
unsafe impl Plain for [u32; 4] {}
// SAFETY: integers.
unsafe impl Plain for [u64; 2] {}
// SAFETY: an Fr is four 64-bit words and a marker without size; kernels write values below the modulus, as arkworks does.
unsafe impl Plain for Fr {}
const _: () = assert!(size_of::<Fr>() == 32 && align_of::<Fr>() == 8);

fn bytes<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: plain values have no padding, so every byte is written.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

fn bytes_mut<T: Plain>(values: &mut [T]) -> &mut [u8] {
    // SAFETY: as above, and any bytes are plain values.
    unsafe { std::slice::from_raw_parts_mut(values.as_mut_ptr().cast(), size_of_val(values)) }
}

/// Free allocations by size.
#[derive(Default)]
pub(super) struct Pool(Mutex<HashMap<usize, Vec<Pointer>>>);

impl Pool {
    fn take(&self, device: &Device, bytes: usize) -> Result<Pointer, CudaError> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&bytes).and_then(Vec::pop);
        match kept {
            Some(pointer) => Ok(pointer),
            None => device.driver.allocate(bytes).or_else(|_| {
                self.empty(device)?;
                device.driver.allocate(bytes)
            }),
        }
    }

    fn give(&self, pointer: Pointer, bytes: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(bytes).or_default().push(pointer);
    }

    /// Frees what is kept.
    fn empty(&self, device: &Device) -> Result<(), CudaError> {
        device.driver.synchronize()?;
        let kept = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for pointer in kept.into_values().flatten() {
            // SAFETY: a pointer in the pool belongs to no buffer, and nothing runs.
            unsafe { device.driver.free(pointer) }?;
        }
        Ok(())
    }
}

/// `len` values on the device.
pub(super) struct Buffer<T: Plain> {
    device: &'static Device,
    pointer: Pointer,
    len: usize,
    marker: PhantomData<T>,
}

impl<T: Plain> Buffer<T> {
    /// Bytes of the allocation: a power of two, so that sizes meet in the pool.
    fn bytes(len: usize) -> usize {
        (len * size_of::<T>()).next_power_of_two().max(256)
    }

    /// Values as the memory has them: a kernel writes them before one reads.
    pub(super) fn new(device: &'static Device, len: usize) -> Result<Self, CudaError> {
        device.enter()?;
        let pointer = device.pool.take(device, Self::bytes(len))?;
        Ok(Self { device, pointer, len, marker: PhantomData })
    }

    /// Zero bytes.
    pub(super) fn zeroed(device: &'static Device, len: usize) -> Result<Self, CudaError> {
        let out = Self::new(device, len)?;
        // SAFETY: the allocation has `len` values.
        unsafe { device.driver.clear(out.pointer, len * size_of::<T>()) }?;
        Ok(out)
    }

    /// A copy of values.
    pub(super) fn from_host(device: &'static Device, values: &[T]) -> Result<Self, CudaError> {
        let mut out = Self::new(device, values.len())?;
        out.write(0, values)?;
        Ok(out)
    }

    /// Writes values from a place on.
    pub(super) fn write(&mut self, at: usize, values: &[T]) -> Result<(), CudaError> {
        assert!(at + values.len() <= self.len, "expected room for {} values at {at}, got {}", values.len(), self.len);
        self.device.enter()?;
        // SAFETY: the range lies in the buffer.
        unsafe { self.device.driver.to_device(self.pointer + (at * size_of::<T>()) as u64, bytes(values)) }
    }

    /// Reads values from a place on, when everything launched is done.
    pub(super) fn read(&self, at: usize, values: &mut [T]) -> Result<(), CudaError> {
        assert!(at + values.len() <= self.len, "expected {} values at {at}, got {}", values.len(), self.len);
        self.device.enter()?;
        // SAFETY: the range lies in the buffer, and any bytes are values.
        unsafe { self.device.driver.to_host(bytes_mut(values), self.pointer + (at * size_of::<T>()) as u64) }
    }

    pub(super) fn device(&self) -> &'static Device {
        self.device
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Where value `at` lies; `at <= len`.
    pub(super) fn pointer(&self) -> Pointer {
        self.pointer
    }
}

impl<T: Plain> Drop for Buffer<T> {
    fn drop(&mut self) {
        self.device.pool.give(self.pointer, Self::bytes(self.len));
    }
}
