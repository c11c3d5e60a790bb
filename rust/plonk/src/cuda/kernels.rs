//! The device, and its kernels as safe functions: each checks that its buffers hold what it reads and writes.
//!
//! Twins of the kernels in `rust/plonk/cuda`, argument for argument.

use std::sync::OnceLock;

use ark_bn254::Fr;

use super::columns::Columns;
use super::driver::{Argument, Context, Driver, Function, Pointer};
use super::identities::Plan;
use super::memory::{AffineWords, Buffer, Plain, Pool, XyzzWords};
use crate::error::CudaError;

const TRANSFORM: &str = include_str!(concat!(env!("OUT_DIR"), "/transform.ptx"));
const POSEIDON2: &str = include_str!(concat!(env!("OUT_DIR"), "/poseidon2.ptx"));
const IDENTITIES: &str = include_str!(concat!(env!("OUT_DIR"), "/identities.ptx"));
const MSM: &str = include_str!(concat!(env!("OUT_DIR"), "/msm.ptx"));

/// log2 of the elements that a pass of a transform holds in shared memory, at most.
pub(super) const LOG_TILE: u32 = 10;
/// Items that a block scans.
const SCAN_BLOCK: usize = 256 * 8;
/// Threads of a block of kernels that keep points or states in registers.
const HEAVY: usize = 128;
/// Threads of a block of the others.
const LIGHT: usize = 256;

/// Which way the entries of a multiplication lie: `windows` rows of `n` digits, `2^log_buckets` buckets each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub(super) n: usize,
    pub(super) windows: usize,
    pub(super) log_buckets: u32,
}

impl Rows {
    pub(super) fn entries(self) -> usize {
        self.n * self.windows
    }
    pub(super) fn buckets(self) -> usize {
        self.windows << self.log_buckets
    }
}

/// Offsets of what the buckets hold, one more than buckets.
pub(super) type Offsets = Buffer<u32>;

/// How one pass of a transform goes; see `cuda/transform.cu`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass {
    pub(super) log_n: u32,
    pub(super) log_l: u32,
    pub(super) log_r: u32,
}

struct Functions {
    powers: Function,
    transform_pass: Function,
    poseidon2: Function,
    digits: Function,
    place: Function,
    piece_counts: Function,
    scan: Function,
    scan_add: Function,
    sum_entries: Function,
    sum_sums: Function,
    sum_buckets: Function,
    fold: Function,
    gather_sums: Function,
    identities: Function,
}

/// The first GPU of the machine, opened once in a process.
pub struct Device {
    pub(super) driver: Driver,
    pub(super) pool: Pool,
    pub(super) plans: super::transform::Plans,
    context: Context,
    name: String,
    functions: Functions,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device({})", self.name)
    }
}

fn word(x: usize) -> Argument {
    debug_assert!(u32::try_from(x).is_ok());
    Argument::Word(x as u32)
}

fn at<T: Plain>(buffer: &Buffer<T>) -> Argument {
    Argument::Pointer(buffer.pointer())
}

fn holds<T: Plain>(buffer: &Buffer<T>, needed: usize) {
    assert!(buffer.len() >= needed, "expected a buffer of {needed}, got {}", buffer.len());
}

impl Device {
    /// The device, or why there is none: the same answer for the life of the process.
    ///
    /// # Errors
    /// `CudaError::NoDevice`.
    pub fn get() -> Result<&'static Self, CudaError> {
        static DEVICE: OnceLock<Result<Device, CudaError>> = OnceLock::new();
        DEVICE.get_or_init(Self::open).as_ref().map_err(Clone::clone)
    }

    fn open() -> Result<Self, CudaError> {
        let (driver, context, name) = Driver::open()?;
        let functions = driver.enter(context).and_then(|()| Functions::load(&driver));
        let functions = functions.map_err(|e| CudaError::NoDevice(format!("{name}: {e}")))?;
        Ok(Self { driver, pool: Pool::default(), plans: Default::default(), context, name, functions })
    }

    /// Name of the card, and version of the driver.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until everything launched is done.
    ///
    /// # Errors
    /// `CudaError::Driver`.
    pub fn synchronize(&self) -> Result<(), CudaError> {
        self.enter()?;
        self.driver.synchronize()
    }

    pub(super) fn enter(&self) -> Result<(), CudaError> {
        self.driver.enter(self.context)
    }

    /// Starts enough blocks of `block` threads for `threads`, times `rows`.
    ///
    /// # Safety
    /// As `Driver::launch`.
    unsafe fn start(
        &self,
        function: Function,
        [threads, rows]: [usize; 2],
        block: usize,
        arguments: &mut [Argument],
    ) -> Result<(), CudaError> {
        self.enter()?;
        // SAFETY: by the contract of this function.
        unsafe { self.driver.launch(function, [threads.div_ceil(block), rows], block, arguments) }
    }

    /// out\[i\] = scale base^i.
    pub(super) fn powers(&self, out: &mut Buffer<Fr>, base: Fr, scale: Fr) -> Result<(), CudaError> {
        let parameters = Buffer::from_host(out.device(), &[base, scale])?;
        let arguments = &mut [at(out), at(&parameters), word(out.len())];
        // SAFETY: writes as many elements as the buffer has, reads two.
        unsafe { self.start(self.functions.powers, [out.len(), 1], LIGHT, arguments) }
    }

    /// One pass over `count` columns.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn transform_pass(
        &self,
        from: &Buffer<Fr>,
        to: &mut Buffer<Fr>,
        count: usize,
        roots: [&Buffer<Fr>; 2],
        before: Option<&Buffer<Fr>>,
        after: Option<&Buffer<Fr>>,
        pass: Pass,
    ) -> Result<(), CudaError> {
        let n = 1usize << pass.log_n;
        let log_tile = pass.log_n.min(LOG_TILE);
        let (half, half_short) = ((n / 2).max(1), (1usize << log_tile >> 1).max(1));
        assert!(pass.log_r <= log_tile && pass.log_l + pass.log_r <= pass.log_n, "{pass:?}");
        holds(from, count * n);
        holds(to, count * n);
        holds(roots[0], half);
        holds(roots[1], half_short);
        [before, after].into_iter().flatten().for_each(|table| holds(table, n));
        let table = |t: Option<&Buffer<Fr>>| t.map_or(Argument::Pointer(0), at);
        let arguments = &mut [
            at(from),
            at(to),
            at(roots[0]),
            at(roots[1]),
            table(before),
            table(after),
            Argument::Word(pass.log_n),
            Argument::Word(pass.log_l),
            Argument::Word(pass.log_r),
            Argument::Word(log_tile),
            Argument::Word(log_tile),
        ];
        let blocks = [n >> log_tile, count];
        self.enter()?;
        // SAFETY: reads and writes n elements of each of `count` columns, tables as long as just checked.
        unsafe { self.driver.launch(self.functions.transform_pass, blocks, half_short, arguments) }
    }

    /// One permutation for every four elements.
    pub(super) fn poseidon2(
        &self,
        states: &mut Buffer<Fr>,
        constants: &Buffer<Fr>,
        half_full: usize,
        partial: usize,
    ) -> Result<(), CudaError> {
        let count = states.len() / 4;
        holds(constants, 4 + 8 * half_full + partial);
        let arguments = &mut [at(states), at(constants), word(count), word(half_full), word(partial)];
        // SAFETY: reads and writes four elements a state, and as many constants as just checked.
        unsafe { self.start(self.functions.poseidon2, [count, 1], HEAVY, arguments) }
    }

    /// Codes and ranks of the digits of `columns` columns of `rows.n` scalars; counts of the buckets.
    pub(super) fn digits(
        &self,
        scalars: (&Buffer<Fr>, usize),
        columns: usize,
        width: u32,
        rows: Rows,
        [codes, ranks, counts]: [&mut Buffer<u32>; 3],
    ) -> Result<(), CudaError> {
        let (scalars, first) = scalars;
        let windows = rows.windows / columns;
        assert!(windows * columns == rows.windows && rows.log_buckets == width - 1, "{rows:?} of {columns} columns");
        assert!((2..=16).contains(&width) && windows * width as usize >= 254, "{windows} windows of {width} bits");
        holds(scalars, first + columns * rows.n);
        holds(codes, rows.entries());
        holds(ranks, rows.entries());
        holds(counts, rows.buckets());
        let start: Pointer = scalars.pointer() + (first * size_of::<Fr>()) as u64;
        let arguments = &mut [
            Argument::Pointer(start),
            word(rows.n),
            word(columns),
            Argument::Word(width),
            word(windows),
            at(codes),
            at(ranks),
            at(counts),
        ];
        // SAFETY: digits of signed windows are at most 2^(width - 1), so every bucket exists; the rest was just checked.
        unsafe { self.start(self.functions.digits, [rows.n * columns, 1], LIGHT, arguments) }
    }

    /// Entries sorted by bucket, from what `digits` gave and the scanned counts.
    pub(super) fn place(
        &self,
        codes: &Buffer<u32>,
        ranks: &Buffer<u32>,
        offsets: &Offsets,
        entries: &mut Buffer<u32>,
        rows: Rows,
    ) -> Result<(), CudaError> {
        holds(codes, rows.entries());
        holds(ranks, rows.entries());
        holds(offsets, rows.buckets() + 1);
        holds(entries, rows.entries());
        let arguments =
            &mut [at(codes), at(ranks), at(offsets), at(entries), word(rows.n), Argument::Word(rows.log_buckets)];
        // SAFETY: ranks are below the counts that the offsets sum up, so every place lies in the entries.
        unsafe { self.start(self.functions.place, [rows.n, rows.windows], LIGHT, arguments) }
    }

    /// Pieces of every bucket, and the most that one bucket has.
    pub(super) fn piece_counts(
        &self,
        items: &Offsets,
        counts: &mut Buffer<u32>,
        largest: &mut Buffer<u32>,
        piece: usize,
    ) -> Result<(), CudaError> {
        let buckets = items.len() - 1;
        holds(counts, buckets + 1);
        holds(largest, 1);
        let arguments = &mut [at(items), at(counts), at(largest), word(buckets), word(piece)];
        // SAFETY: as many as just checked.
        unsafe { self.start(self.functions.piece_counts, [buckets + 1, 1], LIGHT, arguments) }
    }

    /// Exclusive sums in place.
    pub(super) fn scan(&self, values: &mut Buffer<u32>) -> Result<(), CudaError> {
        let blocks = values.len().div_ceil(SCAN_BLOCK);
        let mut totals = Buffer::new(values.device(), blocks)?;
        self.enter()?;
        let arguments = &mut [at(values), at(&totals), word(values.len())];
        // SAFETY: reads and writes the values, writes a total for each block.
        unsafe { self.driver.launch(self.functions.scan, [blocks, 1], LIGHT, arguments) }?;
        if blocks > 1 {
            self.scan(&mut totals)?;
            let arguments = &mut [at(values), at(&totals), word(values.len())];
            // SAFETY: as above.
            unsafe { self.start(self.functions.scan_add, [values.len(), 1], LIGHT, arguments) }?;
        }
        Ok(())
    }

    /// Sums of pieces of entries.
    pub(super) fn sum_entries(
        &self,
        bases: &Buffer<AffineWords>,
        entries: &Buffer<u32>,
        [items, pieces]: [&Offsets; 2],
        piece: usize,
        out: &mut Buffer<XyzzWords>,
    ) -> Result<(), CudaError> {
        assert_eq!(items.len(), pieces.len());
        let arguments =
            &mut [at(bases), at(entries), at(items), at(pieces), word(items.len() - 1), word(piece), at(out)];
        // SAFETY: entries are below the number of bases, which `msm.rs` compares with the columns; `out` has room for the pieces,
        // whose number is its length.
        unsafe { self.start(self.functions.sum_entries, [out.len(), 1], HEAVY, arguments) }
    }

    /// Sums of pieces of sums.
    pub(super) fn sum_sums(
        &self,
        from: &Buffer<XyzzWords>,
        [items, pieces]: [&Offsets; 2],
        piece: usize,
        out: &mut Buffer<XyzzWords>,
    ) -> Result<(), CudaError> {
        assert_eq!(items.len(), pieces.len());
        let arguments = &mut [at(from), at(items), at(pieces), word(items.len() - 1), word(piece), at(out)];
        // SAFETY: the items are places in `from`, the pieces places in `out`, whose lengths are their totals.
        unsafe { self.start(self.functions.sum_sums, [out.len(), 1], HEAVY, arguments) }
    }

    /// Each bucket's sum in its place.
    pub(super) fn sum_buckets(
        &self,
        from: &Buffer<XyzzWords>,
        items: &Offsets,
        out: &mut Buffer<XyzzWords>,
    ) -> Result<(), CudaError> {
        let buckets = items.len() - 1;
        holds(out, buckets);
        let arguments = &mut [at(from), at(items), word(buckets), at(out)];
        // SAFETY: the items are places in `from`, whose length is their total.
        unsafe { self.start(self.functions.sum_buckets, [buckets, 1], HEAVY, arguments) }
    }

    /// One level of weighing: vectors of 2^(log_half + 1) points to half.
    pub(super) fn fold(&self, buckets: &mut Buffer<XyzzWords>, rows: Rows, log_half: u32) -> Result<(), CudaError> {
        assert!(log_half < rows.log_buckets);
        holds(buckets, rows.buckets());
        let vectors = (rows.log_buckets - log_half) as usize;
        let arguments = &mut [
            at(buckets),
            Argument::Word(rows.log_buckets),
            Argument::Word(log_half),
            word(vectors),
            word(rows.windows),
        ];
        let threads = (vectors * rows.windows) << log_half;
        // SAFETY: every vector lies in its window.
        unsafe { self.start(self.functions.fold, [threads, 1], HEAVY, arguments) }
    }

    /// The sums that are left: one more than bits, for each window.
    pub(super) fn gather_sums(
        &self,
        buckets: &Buffer<XyzzWords>,
        rows: Rows,
        out: &mut Buffer<XyzzWords>,
    ) -> Result<(), CudaError> {
        let count = rows.windows * (rows.log_buckets as usize + 1);
        holds(buckets, rows.buckets());
        holds(out, count);
        let arguments = &mut [at(buckets), Argument::Word(rows.log_buckets), word(rows.windows), at(out)];
        // SAFETY: reads one point for each bit of the index of a bucket, writes as many as just checked.
        unsafe { self.start(self.functions.gather_sums, [count, 1], HEAVY, arguments) }
    }
}

/// A column that a program reads: row r reads element (r + next) modulo its length, a power of two.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) columns: &'a Columns,
    pub(crate) column: usize,
    pub(crate) next: bool,
}

impl Source<'_> {
    /// As the kernel reads it: pointer, mask of the row, distance of the row.
    fn words(&self) -> [u64; 2] {
        let (columns, n) = (self.columns, self.columns.n);
        assert!(n.is_power_of_two() && self.column < columns.count, "column {} of {columns:?}", self.column);
        let start = columns.values.pointer() + (self.column * n * size_of::<Fr>()) as u64;
        [start, (n - 1) as u64 | u64::from(self.next) << 32]
    }
}

impl Device {
    /// One value a row; the steps are those of a `Plan`, which keeps to its registers, sources and constants.
    pub(super) fn identities(
        &self,
        plan: &Plan,
        constants: &Buffer<Fr>,
        sources: &[Source<'_>],
        out: &mut Buffer<Fr>,
    ) -> Result<(), CudaError> {
        assert!(sources.len() >= plan.sources && constants.len() >= plan.constants, "{} sources", sources.len());
        let device = out.device();
        let table: Vec<[u64; 2]> = sources.iter().map(Source::words).collect();
        let (table, steps) = (Buffer::from_host(device, &table)?, Buffer::from_host(device, &plan.steps)?);
        let registers = Buffer::<Fr>::new(device, plan.registers * out.len())?;
        let arguments = &mut [
            at(&steps),
            word(plan.steps.len()),
            at(&table),
            at(constants),
            at(&registers),
            at(out),
            word(out.len()),
        ];
        // SAFETY: the plan bounds registers, sources and constants; masks bound the rows of sources.
        unsafe { self.start(self.functions.identities, [out.len(), 1], HEAVY, arguments) }
    }
}

impl Functions {
    fn load(driver: &Driver) -> Result<Self, CudaError> {
        let (transform, poseidon2, msm) = (driver.module(TRANSFORM)?, driver.module(POSEIDON2)?, driver.module(MSM)?);
        let identities = driver.module(IDENTITIES)?;
        Ok(Self {
            powers: driver.function(transform, c"powers")?,
            transform_pass: driver.function(transform, c"transform_pass")?,
            poseidon2: driver.function(poseidon2, c"poseidon2")?,
            digits: driver.function(msm, c"digits")?,
            place: driver.function(msm, c"place")?,
            piece_counts: driver.function(msm, c"piece_counts")?,
            scan: driver.function(msm, c"scan")?,
            scan_add: driver.function(msm, c"scan_add")?,
            sum_entries: driver.function(msm, c"sum_entries")?,
            sum_sums: driver.function(msm, c"sum_sums")?,
            sum_buckets: driver.function(msm, c"sum_buckets")?,
            fold: driver.function(msm, c"fold")?,
            gather_sums: driver.function(msm, c"gather_sums")?,
            identities: driver.function(identities, c"identities")?,
        })
    }
}
