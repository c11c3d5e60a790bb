//! Ranges without rows of their own: every variable that has to be shown of 16 to 128 bits takes a free wire of a bilinear row, whose limbs show it.
//!
//! Which row hosts which variable, and the order of rows that follows, depend on the program alone. What this is not: a range of
//! another width (range.rs makes it of these).

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::super::gates::bilinear::Host;
use super::super::gates::{LIMBS, WIRES};
use super::range::HOSTED;
use super::{Builder, Range, Row, Var};

/// Rows that can host, by number of free wires at the end of a row, last laid out first.
struct Free {
    /// Rows with wires 2 and 3 free.
    two: Vec<usize>,
    /// Rows with wire 3 free.
    one: Vec<usize>,
    /// Rows without a free wire.
    none: Vec<usize>,
}

impl Row {
    /// A row without an equation.
    fn bare() -> Self {
        Self { outside: Some([Fr::from(0u64); WIRES - 1]), ..Self::default() }
    }

    /// Moves free wires to the end; wire 0 keeps its part.
    fn close_ranks(&mut self) {
        let Some(mut outside) = self.outside else { return };
        let taken: Vec<usize> = (1..WIRES).filter(|i| self.wires[*i].is_some()).collect();
        let (wires, q, old) = (self.wires, self.q, outside);
        for (to, from) in (1..WIRES).zip(taken.iter().copied().map(Some).chain(std::iter::repeat(None))) {
            self.wires[to] = from.and_then(|i| wires[i]);
            self.q[to] = from.map_or(Fr::from(0u64), |i| q[i]);
            outside[to - 1] = from.map_or(Fr::from(0u64), |i| old[i - 1]);
        }
        self.outside = Some(outside);
    }

    /// Takes ranges: their variables on wires 3 and 2, which are free.
    fn lodge(&mut self, host: Host, ranges: [Option<&Range>; 2]) {
        self.host = host;
        self.guests = ranges.map(|range| range.map(|r| r.scope));
        let [third, second] = ranges.map(|range| range.map(|r| r.var));
        self.wires[3] = third.or(self.wires[3]);
        self.wires[2] = second.or(self.wires[2]);
    }

    /// Of the row's limbs those that show its wires; `above` are the two highest of a number that the row above shows.
    pub(super) fn hosted_limbs(&self, above: [u16; 2], value: impl Fn(Var) -> Fr) -> [u16; LIMBS] {
        let mut limbs = [0u16; LIMBS];
        limbs[..2].copy_from_slice(&above);
        for (wire, (first, count)) in [3, 2].into_iter().zip(self.host.limbs()) {
            let number = self.wires[wire].map_or(Fr::from(0u64), &value).into_bigint().0;
            for k in 0..count {
                limbs[first + k] = limb(&number, k);
            }
        }
        limbs
    }

    /// The two limbs of wire 3 that stand in the next row.
    pub(super) fn handed_down(&self, value: impl Fn(Var) -> Fr) -> [u16; 2] {
        if self.host != Host::Bits128 {
            return [0; 2];
        }
        let number = self.wires[3].map_or(Fr::from(0u64), value).into_bigint().0;
        [limb(&number, LIMBS), limb(&number, LIMBS + 1)]
    }
}

fn limb(number: &[u64; 4], k: usize) -> u16 {
    (number[k / 4] >> (16 * (k % 4))) as u16
}

impl Builder {
    /// Gives every range a row, and puts below each row that shows 128 bits one whose first two limbs are free.
    pub(in crate::circuit) fn host_ranges(&mut self) {
        let mut wanted = std::mem::take(&mut self.ranges);
        wanted.sort_unstable();
        wanted.dedup_by_key(|range| (range.var, range.bits));
        let mut by_width = HOSTED.map(|w| wanted.iter().filter(|r| r.bits == w).copied().collect::<Vec<Range>>());
        let mut free = self.free_rows();
        let [wide, full, halves, thirds, quarters, limbs] = &mut by_width;
        let narrow = [(Host::Bits64And32, halves, quarters), (Host::Bits48And16, thirds, limbs)];
        let mut lenders = Vec::new();
        for (host, first, second) in narrow {
            for i in 0..first.len().max(second.len()) {
                let row = self.take(&mut free.two);
                self.rows[row].lodge(host, [first.get(i), second.get(i)]);
                if host == Host::Bits48And16 {
                    lenders.push(row);
                }
            }
        }
        free.one.append(&mut free.two);
        let mut below = vec![None; self.rows.len()];
        let hosts: Vec<(usize, bool)> = wide.iter().map(|x| (x, true)).chain(full.iter().map(|x| (x, false)))
            .map(|(x, wide)| {
                let row = self.take(&mut free.one);
                self.rows[row].lodge(if wide { Host::Bits128 } else { Host::Bits96 }, [Some(x), None]);
                (row, wide)
            })
            .collect();
        free.none.append(&mut free.one);
        free.none.append(&mut lenders);
        for (row, _) in hosts.into_iter().filter(|(_, wide)| *wide) {
            let lender = self.take(&mut free.none);
            below.resize(self.rows.len(), None);
            below[row] = Some(lender);
        }
        self.reorder(&below);
    }

    /// A row of the list, or a new one.
    fn take(&mut self, list: &mut Vec<usize>) -> usize {
        list.pop().unwrap_or_else(|| self.scope("ranges", |b| b.push(Row::bare())))
    }

    fn free_rows(&mut self) -> Free {
        let mut free = Free { two: Vec::new(), one: Vec::new(), none: Vec::new() };
        for (i, row) in self.rows.iter_mut().enumerate().rev() {
            if row.outside.is_none() {
                continue;
            }
            row.close_ranks();
            match row.wires {
                [_, _, None, _] => free.two.push(i),
                [_, _, _, None] => free.one.push(i),
                _ => free.none.push(i),
            }
        }
        free
    }

    /// Moves each row that stands in `below` under its host.
    fn reorder(&mut self, below: &[Option<usize>]) {
        let mut moved = vec![false; self.rows.len()];
        below.iter().flatten().for_each(|i| moved[*i] = true);
        let mut order = Vec::with_capacity(self.rows.len());
        for i in 0..self.rows.len() {
            let mut at = Some(i).filter(|i| !moved[*i]);
            while let Some(row) = at {
                order.push(row);
                at = below.get(row).copied().flatten();
            }
        }
        let mut place = vec![0; self.rows.len()];
        order.iter().enumerate().for_each(|(new, old)| place[*old] = new);
        let mut rows: Vec<Option<Row>> = std::mem::take(&mut self.rows).into_iter().map(Some).collect();
        self.rows = order.iter().filter_map(|old| rows[*old].take()).collect();
        self.providers.iter_mut().for_each(|(row, _)| *row = place[*row]);
    }
}
