//! Long calls: Rust works on a thread of its own, the caller's thread waits without the GIL, hands reports to Python and
//! looks for Ctrl-C.
//!
//! What it is not: a scheduler. One call, one worker, and the call returns only when the worker has.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError, Sender};
use std::sync::Mutex;
use std::time::Duration;

use pyo3::prelude::*;

/// How often a waiting caller looks for signals.
const POLL: Duration = Duration::from_millis(50);

/// What the worker can do about its caller: report and learn that it should stop.
pub struct Caller<'a> {
    cancel: &'a AtomicBool,
    // A lock, because the prover reports through a shared reference that several threads may hold.
    reports: Mutex<Sender<(String, f64)>>,
}

impl Caller<'_> {
    /// The flag that asks the worker to stop.
    pub fn cancel(&self) -> &AtomicBool {
        self.cancel
    }

    /// True once the caller wants no result any more.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Tells Python that a step has begun, and which part of the whole lies behind (0 to 1).
    pub fn report(&self, step: &str, part: f64) {
        if let Ok(sender) = self.reports.lock() {
            // A caller that has gone hears nothing, and that is all.
            let _ = sender.send((step.to_owned(), part));
        }
    }
}

/// Runs `work` without the GIL. `progress`, when given, is called as `progress(step, part)` on the caller's thread; its
/// exception, or Ctrl-C, sets the cancel flag, waits for the worker to notice, and is raised.
pub fn interruptible<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Caller<'_>) -> T + Send,
) -> PyResult<T> {
    let cancel = AtomicBool::new(false);
    let (sender, mut receiver) = channel();
    std::thread::scope(|scope| {
        let caller = Caller { cancel: &cancel, reports: Mutex::new(sender) };
        // The caller is moved in, so that the channel closes when the work has ended.
        let worker = scope.spawn(move || work(&caller));
        let waited = wait(py, progress, &mut receiver);
        if waited.is_err() {
            cancel.store(true, Ordering::Relaxed);
        }
        let done = py.detach(|| worker.join());
        waited?;
        Ok(done.unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Returns when the worker has dropped its end, or with the exception that ends the call.
fn wait(py: Python<'_>, progress: Option<&Bound<'_, PyAny>>, reports: &mut Receiver<(String, f64)>) -> PyResult<()> {
    loop {
        let receiver = &mut *reports;
        match py.detach(move || receiver.recv_timeout(POLL)) {
            Ok((step, part)) => {
                if let Some(callback) = progress {
                    callback.call1((step, part))?;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        py.check_signals()?;
    }
}
