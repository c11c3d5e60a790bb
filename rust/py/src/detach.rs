//! Long calls: Rust works on a thread of its own, the caller's thread waits without the GIL, hands reports to Python
//! and looks for Ctrl-C.
//!
//! Ctrl-C, or an exception of the progress callback, ends the call at once: the cancel flag is set, and the worker,
//! which owns all it uses and knows no Python, ends by itself. What it is not: a scheduler. One call, one worker.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread::Builder;
use std::time::Duration;

use ::plonk::CudaError;
use pyo3::prelude::*;

use crate::errors::{Failure, INTERNAL};

/// How often a waiting caller looks for signals.
const POLL: Duration = Duration::from_millis(50);
/// Stack of a worker: what a main thread has.
const STACK: usize = 8 << 20;

type Report = (String, f64);

/// What the worker can do about its caller: report, and learn that it should stop.
pub struct Caller {
    /// Set once the caller wants no result any more.
    pub cancel: Arc<AtomicBool>,
    // Behind a lock, because a prover reports through a shared reference.
    reports: Mutex<Sender<Report>>,
}

impl Caller {
    /// Tells Python that a step has begun, and which part of the whole lies behind it (0 to 1).
    pub fn report(&self, step: &str, part: f64) {
        if let Ok(sender) = self.reports.lock() {
            // A caller that has gone hears nothing, and that is all.
            let _ = sender.send((step.to_owned(), part));
        }
    }

    /// Reports which GPU proves, or why the processor does although one was asked for.
    pub fn report_device(&self, found: Result<&str, &CudaError>) {
        match found {
            Ok(name) => self.report(&format!("on {name}"), 0.0),
            Err(error) => self.report(&format!("on the processor: {error}"), 0.0),
        }
    }
}

/// Runs `work` without the GIL; `progress`, when given, is called as `progress(step, part)` on the caller's thread.
pub fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Caller) -> Result<T, Failure> + Send + 'static,
) -> PyResult<T> {
    let cancel = Arc::new(AtomicBool::new(false));
    let (sender, mut reports) = channel();
    let caller = Caller { cancel: Arc::clone(&cancel), reports: Mutex::new(sender) };
    let worker = Builder::new()
        .name("l2rollup".into())
        .stack_size(STACK)
        .spawn(move || work(&caller))
        .map_err(|error| Failure::internal("no thread can be started", error).raise(py))?;
    if let Err(error) = wait(py, progress, &mut reports) {
        cancel.store(true, Ordering::Relaxed);
        return Err(error);
    }
    // The reports have ended, so the work has.
    let done = py.detach(|| worker.join());
    done.unwrap_or_else(|panic| Err(Failure::internal("a computation panicked", text(panic.as_ref()))))
        .map_err(|failure| failure.raise(py))
}

/// Returns when the worker has dropped its end, or with the exception that ends the call.
fn wait(py: Python<'_>, progress: Option<&Bound<'_, PyAny>>, reports: &mut Receiver<Report>) -> PyResult<()> {
    loop {
        let receiver = &mut *reports;
        match py.detach(move || receiver.recv_timeout(POLL)) {
            Ok(report) => {
                if let Some(callback) = progress {
                    callback.call1(report)?;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        py.check_signals()?;
    }
}

/// The message of a panic.
fn text(panic: &(dyn Any + Send)) -> String {
    let known = panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref().cloned());
    known.unwrap_or_else(|| INTERNAL.to_owned())
}
