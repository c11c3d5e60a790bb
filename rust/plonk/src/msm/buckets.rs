//! Points into buckets: a forest of affine additions laid out so that every level is one dense run.
//!
//! Buckets become columns, sorted by how many points they hold; row r holds the r-th point of every column that has one, so rows
//! shorten downwards (a Young diagram) and lanes never look for work. A level adds row 2k + 1 to row 2k and writes row k, in
//! place and in ascending order: nothing is written before it was read. Columns are cut into spans whose rows stay in cache.
//! A bucket with very many points becomes several columns, whose sums go through the same forest once more.
//! What it is not: the weights of buckets (`reduce.rs`).

use super::affine::{add_batch, Addition};
use super::lines::{Block, Gather, Line, Scatter, INFINITY, NEGATIVE};
use crate::field::{Ifma, LimbRows};

/// Blocks of additions behind one inversion.
const BATCH: usize = 512;
/// Blocks of points whose forest is built at once.
const SPAN: usize = 4096;
/// Places of the arena before the rows: both operands of a batch, a block at infinity, one to write to in vain.
const STAGE: usize = 2 * BATCH + 2;
const ZERO: u32 = 2 * BATCH as u32;
const VOID: u32 = ZERO + 1;

/// With more points than this in a bucket on average, every bucket becomes several columns: rows get long instead of many.
const CROWDED: usize = 64;

/// Scratch memory of one thread, kept from one multiplication to the next.
#[derive(Default)]
pub(super) struct Workspace {
    arena: Vec<Block>,
    prefix: Vec<LimbRows>,
    additions: Vec<Addition>,
    index: Vec<[u32; 8]>,
    cursors: Vec<Cursor>,
    pub digits: Vec<i32>,
    pub sums: Vec<Line>,
}

/// Where the next point of a bucket goes.
#[derive(Clone, Copy, Default)]
struct Cursor {
    column: u32,
    row: u32,
}

/// Columns of one window.
struct Layout {
    /// Columns of row r, in blocks, and where the row begins in the index.
    rows: Vec<(usize, usize)>,
    /// Where the sum of a column goes, in blocks: a bucket, or a place behind all buckets for a part of one.
    to: Vec<[u32; 8]>,
    /// Buckets of the parts.
    parts: Vec<u32>,
    /// How many buckets there are.
    buckets: u32,
    /// Most points of a column.
    cap: u32,
    /// For a bucket of several columns, its last and shorter one.
    rest: Vec<(u32, u32)>,
}

/// Sums of buckets: `sums[d - 1]` becomes the sum of points whose digit is d, less those whose digit is -d, for d up to `buckets`.
/// Digit i belongs to the point `lines[origin[i]]`, negated if the top bit says so; the last line is infinity.
pub(super) fn accumulate(l: Ifma, ws: &mut Workspace, lines: &[Line], origin: &[u32], digits: &[i32], buckets: usize) {
    let layout = place(ws, lines.len() - 1, origin, digits, buckets);
    ws.sums.clear();
    ws.sums.resize(buckets + layout.parts.len(), INFINITY);
    let mut from = 0;
    while from < layout.to.len() {
        let height = layout.rows.iter().take_while(|(blocks, _)| *blocks > from).count();
        let until = (from + (SPAN / height).max(1)).min(layout.to.len());
        span(l, ws, lines, &layout, from, until);
        from = until;
    }
    if !layout.parts.is_empty() {
        combine_parts(l, ws, &layout.parts, buckets);
    }
}

/// Adds up the parts of buckets that had several columns.
fn combine_parts(l: Ifma, ws: &mut Workspace, parts: &[u32], buckets: usize) {
    let whole = ws.sums[..buckets].to_vec();
    let mut lines = ws.sums[buckets..].to_vec();
    lines.push(INFINITY);
    let origin: Vec<u32> = (0..parts.len() as u32).collect();
    let digits: Vec<i32> = parts.iter().map(|b| *b as i32 + 1).collect();
    accumulate(l, ws, &lines, &origin, &digits, buckets);
    for (sum, known) in ws.sums.iter_mut().zip(whole) {
        if known != INFINITY {
            *sum = known;
        }
    }
}

/// Sorts points into rows and columns.
fn place(ws: &mut Workspace, infinity: usize, origin: &[u32], digits: &[i32], buckets: usize) -> Layout {
    ws.cursors.clear();
    ws.cursors.resize(buckets + 1, Cursor::default());
    for d in digits {
        ws.cursors[d.unsigned_abs() as usize].row += 1;
    }
    let layout = columns(ws, infinity, digits.len(), buckets);
    let index = ws.index.as_flattened_mut();
    let begins: Vec<u32> = layout.rows.iter().map(|row| 8 * row.1 as u32).collect();
    for (o, d) in origin.iter().zip(digits) {
        let bucket = d.unsigned_abs() as usize;
        if bucket == 0 {
            continue;
        }
        let cursor = &mut ws.cursors[bucket];
        if cursor.row == layout.cap {
            *cursor = layout.next_column(bucket as u32 - 1, cursor.column);
        }
        index[(begins[cursor.row as usize] + cursor.column) as usize] = o ^ (*d as u32 & NEGATIVE);
        cursor.row += 1;
    }
    layout
}

/// Turns the counts in `cursors` into columns by falling height, and clears the ends of rows.
fn columns(ws: &mut Workspace, infinity: usize, points: usize, buckets: usize) -> Layout {
    let mean = points / buckets;
    let cap = if mean > CROWDED { CROWDED } else { 32 + 2 * mean } as u32;
    let mut heights = vec![0usize; cap as usize + 1];
    for cursor in &ws.cursors[1..] {
        heights[cap as usize] += (cursor.row / cap) as usize;
        heights[(cursor.row % cap) as usize] += 1;
    }
    let mut at = vec![0usize; cap as usize + 2];
    for h in (1..=cap as usize).rev() {
        at[h - 1] = at[h] + heights[h];
    }
    // Now at[h - 1] columns have height h or more, and those of height h begin at at[h].
    let mut rows = Vec::new();
    let mut begin = 0;
    for count in at.iter().take_while(|n| **n > 0) {
        let blocks = count.div_ceil(8);
        rows.push((blocks, begin));
        begin += blocks;
    }
    if ws.index.len() < begin {
        ws.index.resize(begin, [0; 8]);
    }
    for (blocks, begin) in &rows {
        ws.index[begin + blocks - 1] = [infinity as u32; 8];
    }
    let width = rows.first().map_or(0, |row| row.0);
    let mut layout = Layout {
        rows,
        to: vec![[u32::MAX; 8]; width],
        parts: Vec::new(),
        buckets: buckets as u32,
        cap,
        rest: Vec::new(),
    };
    layout.assign(&mut ws.cursors[1..], &mut at);
    layout
}

impl Layout {
    /// Gives every bucket its columns; counts become cursors. `at[h]` is the next free column of height h.
    fn assign(&mut self, cursors: &mut [Cursor], at: &mut [usize]) {
        let buckets = self.buckets;
        let to = self.to.as_flattened_mut();
        for (bucket, cursor) in cursors.iter_mut().enumerate() {
            let (full, rest) = ((cursor.row / self.cap) as usize, (cursor.row % self.cap) as usize);
            cursor.row = 0;
            let several = full + usize::from(rest > 0) > 1;
            let mut take = |height: usize, count: usize| {
                let first = at[height];
                at[height] += count;
                for place in &mut to[first..first + count] {
                    *place = if several { buckets + self.parts.len() as u32 } else { bucket as u32 };
                    if several {
                        self.parts.push(bucket as u32);
                    }
                }
                first as u32
            };
            if full > 0 {
                cursor.column = take(self.cap as usize, full);
            }
            if rest > 0 {
                let column = take(rest, 1);
                if full > 0 {
                    self.rest.push((bucket as u32, column));
                } else {
                    cursor.column = column;
                }
            }
        }
    }

    /// The column of a bucket after a full one: its full columns are neighbours, the rest stands elsewhere.
    fn next_column(&self, bucket: u32, column: u32) -> Cursor {
        let next = self.to.as_flattened().get(column as usize + 1).and_then(|to| to.checked_sub(self.buckets));
        let owner = next.and_then(|part| self.parts.get(part as usize));
        let rest = || self.rest.iter().find(|r| r.0 == bucket).map_or(column, |r| r.1);
        Cursor { column: if owner == Some(&bucket) { column + 1 } else { rest() }, row: 0 }
    }
}

/// Builds the forest of columns `8 from..8 until` and writes their sums.
fn span(l: Ifma, ws: &mut Workspace, lines: &[Line], layout: &Layout, from: usize, until: usize) {
    // Length of every row inside the span, in blocks.
    let mut lengths: Vec<usize> = layout
        .rows
        .iter()
        .map(|(blocks, _)| blocks.saturating_sub(from).min(until - from))
        .take_while(|n| *n > 0)
        .collect();
    let slots: Vec<usize> = lengths
        .iter()
        .step_by(2)
        .scan(STAGE, |at, n| {
            let slot = *at;
            *at += n;
            Some(slot)
        })
        .collect();
    let end = STAGE + lengths.iter().step_by(2).sum::<usize>();
    if ws.arena.len() < end {
        ws.arena.resize(end, Block::INFINITY);
        ws.prefix.resize(BATCH, [[0; 8]; 5]);
    }
    ws.arena[ZERO as usize] = Block::INFINITY;
    first_level(l, ws, lines, layout, from, &lengths, &slots);
    halve(&mut lengths);
    while lengths.len() > 1 {
        level(l, ws, &lengths, &slots);
        halve(&mut lengths);
    }
    let width = until - from;
    l.run(Scatter { blocks: &ws.arena[STAGE..STAGE + width], to: &layout.to[from..until], lines: &mut ws.sums });
}

/// Lengths of the rows after a level: those of even rows.
fn halve(lengths: &mut Vec<usize>) {
    *lengths = lengths.iter().step_by(2).copied().collect();
}

/// Adds rows of points, gathered from their lines.
fn first_level(
    l: Ifma,
    ws: &mut Workspace,
    lines: &[Line],
    layout: &Layout,
    from: usize,
    lengths: &[usize],
    slots: &[usize],
) {
    let mut staged = 0;
    for (k, pair) in lengths.chunks(2).enumerate() {
        let both = pair.get(1).copied().unwrap_or(0);
        let begin = |row: usize| layout.rows[row].1 + from;
        let single = &ws.index[begin(2 * k) + both..begin(2 * k) + pair[0]];
        l.run(Gather { lines, index: single, out: &mut ws.arena[slots[k] + both..slots[k] + pair[0]] });
        let mut done = 0;
        while done < both {
            let run = (both - done).min(BATCH - staged);
            for (row, stage) in [(2 * k, staged), (2 * k + 1, BATCH + staged)] {
                let index = &ws.index[begin(row) + done..begin(row) + done + run];
                l.run(Gather { lines, index, out: &mut ws.arena[stage..stage + run] });
            }
            for j in 0..run {
                let (a, b) = ((staged + j) as u32, (BATCH + staged + j) as u32);
                ws.additions.push(Addition { a, b, out: (slots[k] + done + j) as u32 });
            }
            staged += run;
            done += run;
            if staged == BATCH {
                flush(l, ws);
                staged = 0;
            }
        }
    }
    flush(l, ws);
}

/// Adds rows of blocks in place.
fn level(l: Ifma, ws: &mut Workspace, lengths: &[usize], slots: &[usize]) {
    for (k, pair) in lengths.chunks(2).enumerate() {
        for j in 0..pair.get(1).copied().unwrap_or(0) {
            push(l, ws, slots[2 * k] + j, slots[2 * k + 1] + j, slots[k] + j);
        }
    }
    flush(l, ws);
    // What had no partner moves up, once all that stood there has been read.
    for (k, pair) in lengths.chunks(2).enumerate().skip(1) {
        let both = pair.get(1).copied().unwrap_or(0);
        ws.arena.copy_within(slots[2 * k] + both..slots[2 * k] + pair[0], slots[k] + both);
    }
}

fn push(l: Ifma, ws: &mut Workspace, a: usize, b: usize, out: usize) {
    ws.additions.push(Addition { a: a as u32, b: b as u32, out: out as u32 });
    if ws.additions.len() == BATCH {
        flush(l, ws);
    }
}

fn flush(l: Ifma, ws: &mut Workspace) {
    if ws.additions.len() % 2 == 1 {
        ws.additions.push(Addition { a: ZERO, b: ZERO, out: VOID });
    }
    if !ws.additions.is_empty() {
        add_batch(l, &mut ws.arena, &ws.additions, &mut ws.prefix);
        ws.additions.clear();
    }
}

/// Halves rows of blocks for `reduce.rs`: the same arena, batches and scratch.
pub(super) struct Rows<'a> {
    l: Ifma,
    ws: &'a mut Workspace,
}

impl<'a> Rows<'a> {
    /// Reads the sums of the workspace into blocks.
    pub(super) fn of_sums(l: Ifma, ws: &'a mut Workspace, buckets: usize) -> Self {
        let blocks = buckets / 8;
        let index: Vec<[u32; 8]> = (0..blocks as u32).map(|k| std::array::from_fn(|j| 8 * k + j as u32)).collect();
        if ws.arena.len() < STAGE + blocks {
            ws.arena.resize(STAGE + blocks, Block::INFINITY);
            ws.prefix.resize(BATCH, [[0; 8]; 5]);
        }
        ws.arena[ZERO as usize] = Block::INFINITY;
        l.run(Gather { lines: &ws.sums, index: &index, out: &mut ws.arena[STAGE..STAGE + blocks] });
        Self { l, ws }
    }

    /// Block `into` becomes its sum with block `from`, at the latest at `flush`.
    pub(super) fn add(&mut self, into: usize, from: usize) {
        push(self.l, self.ws, STAGE + into, STAGE + from, STAGE + into);
    }

    /// Completes what was asked for.
    pub(super) fn flush(&mut self) {
        flush(self.l, self.ws);
    }

    /// The eight points of a block.
    pub(super) fn block(&self, k: usize) -> [Line; 8] {
        let mut lines = [INFINITY; 8];
        let to = [std::array::from_fn(|j| j as u32)];
        self.l.run(Scatter { blocks: &self.ws.arena[STAGE + k..=STAGE + k], to: &to, lines: &mut lines });
        lines
    }
}
