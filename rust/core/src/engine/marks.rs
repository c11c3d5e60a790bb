//! Marks: everything an engine must put back to stand where it stood, the open chunk included.

use std::collections::BTreeMap;

use super::Engine;
use crate::batch::Chunk;
use crate::da::Position;
use crate::processor::Fault;
use crate::state::Mark;

struct Saved {
    state: Mark,
    position: Position,
    chunk: Option<Chunk>,
}

/// Retained marks by number; numbers are never used twice.
#[derive(Default)]
pub(super) struct Marks {
    next: u64,
    saved: BTreeMap<u64, Saved>,
}

impl Marks {
    pub(super) fn is_empty(&self) -> bool {
        self.saved.is_empty()
    }
}

impl Engine {
    /// Remembers where the engine stands. Kept until [`Self::forget`].
    pub fn mark(&mut self) -> u64 {
        let number = self.marks.next;
        self.marks.next += 1;
        let saved = Saved { state: self.state.mark(), position: self.position.clone(), chunk: self.chunk.clone() };
        self.marks.saved.insert(number, saved);
        number
    }

    /// Returns to a mark, which stays valid; later ones are gone.
    ///
    /// # Errors
    /// `not_found` when the mark is not retained; nothing has changed then.
    pub fn rewind(&mut self, mark: u64) -> Result<(), Fault> {
        let unknown =
            || Fault::compared("not_found", "the mark is not retained", "a mark that was not forgotten", mark);
        let saved = self.marks.saved.get(&mark).ok_or_else(unknown)?;
        self.state.rewind(saved.state).map_err(|_| unknown())?;
        self.position = saved.position.clone();
        self.chunk = saved.chunk.clone();
        self.marks.saved.split_off(&(mark + 1));
        Ok(())
    }

    /// Drops a mark and all earlier ones, with the history that only they needed.
    pub fn forget(&mut self, mark: u64) {
        self.marks.saved = self.marks.saved.split_off(&mark.saturating_add(1));
        let oldest = self.marks.saved.values().next().map_or_else(|| self.state.mark(), |saved| saved.state);
        self.state.forget(oldest);
    }

    /// Drops one mark and keeps the earlier ones; without any left, no history is kept.
    pub fn drop_mark(&mut self, mark: u64) {
        self.marks.saved.remove(&mark);
        if self.marks.is_empty() {
            self.state.forget(self.state.mark());
        }
    }
}
