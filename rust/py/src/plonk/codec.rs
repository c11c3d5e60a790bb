//! A relation as bytes: the one form in which it crosses from Python and lies in files. Twin of `plonk/relation.py`.
//!
//! Numbers are u32, little endian; text is a length and UTF-8. Magic `l2r-rel1`, then name, log2 of the rows, advice,
//! multiplicity, fixed, public inputs, row of the first; lists of copy columns, periodic columns, constants, nodes (code, a, b),
//! constraints (label, node) and helpers (groups of label, selector, terms of numerator and payload). A node reads earlier
//! nodes only. What this is not: a judgement; `Relation::validate` says whether the relation can be proved.

use ::plonk::{BusGroup, BusTerm, Constraint, Expr, Fr, Helper, Relation};
use l2rollup_core::primitives::field;

use super::{wrong, WORD};
use crate::errors::Failure;

const MAGIC: &[u8] = b"l2r-rel1";
/// Largest domain of the field's two-adicity.
const MAX_LOG_N: usize = 28;
/// Longest chain of nodes: what is compiled and dropped recursively must fit a small stack, of whichever thread drops it.
const MAX_DEPTH: u32 = 300;

/// A field element of 32 little-endian bytes below r.
pub fn read_element(what: &str, word: &[u8]) -> Result<Fr, Failure> {
    let mut bytes = [0u8; WORD];
    if word.len() != WORD {
        return Err(wrong(what, "32 bytes", word.len()));
    }
    bytes.copy_from_slice(word);
    bytes.reverse();
    field::from_bytes(&bytes).map_err(|_| wrong(what, "an element below r", field::hex(&bytes)))
}

/// A position in the bytes.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, what: &str, length: usize) -> Result<&'a [u8], Failure> {
        if self.rest.len() < length {
            return Err(wrong(
                &format!("relation: {what}"),
                format!("{length} bytes"),
                format!("{} left", self.rest.len()),
            ));
        }
        let (part, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(part)
    }

    fn number(&mut self, what: &str) -> Result<usize, Failure> {
        let mut word = [0u8; 4];
        word.copy_from_slice(self.take(what, 4)?);
        Ok(u32::from_le_bytes(word) as usize)
    }

    /// A count of things that take at least `size` bytes each, so that no count asks for more memory than there are bytes.
    fn count(&mut self, what: &str, size: usize) -> Result<usize, Failure> {
        let count = self.number(what)?;
        if count.saturating_mul(size) > self.rest.len() {
            return Err(wrong(
                &format!("relation: {what}"),
                format!("{count} x {size} bytes"),
                format!("{} left", self.rest.len()),
            ));
        }
        Ok(count)
    }

    fn text(&mut self, what: &str) -> Result<String, Failure> {
        let length = self.count(what, 1)?;
        let bytes = self.take(what, length)?.to_vec();
        String::from_utf8(bytes).map_err(|error| wrong(&format!("relation: {what}"), "UTF-8", error))
    }

    fn list<T>(
        &mut self,
        what: &str,
        size: usize,
        read: impl Fn(&mut Self) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        let count = self.count(what, size)?;
        (0..count).map(|_| read(self)).collect()
    }

    fn element(&mut self, what: &str) -> Result<Fr, Failure> {
        read_element(what, self.take(what, WORD)?)
    }
}

/// Expressions read so far, with the length of the longest chain below each.
struct Nodes {
    constants: Vec<Fr>,
    nodes: Vec<(Expr, u32)>,
}

impl Nodes {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Failure> {
        let constants = reader.list("constants", WORD, |r| r.element("constant"))?;
        let count = reader.count("nodes", 9)?;
        let mut all = Self { constants, nodes: Vec::with_capacity(count) };
        for _ in 0..count {
            let code = reader.take("node", 1)?[0];
            let (a, b) = (reader.number("node")?, reader.number("node")?);
            let node = all.make(code, a, b)?;
            all.nodes.push(node);
        }
        Ok(all)
    }

    fn make(&self, code: u8, a: usize, b: usize) -> Result<(Expr, u32), Failure> {
        let leaf = match code {
            0 => self.constants.get(a).map(|c| Expr::from(*c)),
            1 if b == 0 => Some(Expr::cur(a)),
            1 if b == 1 => Some(Expr::next(a)),
            2 => Some(Expr::fixed(a)),
            3 => Some(Expr::periodic(a)),
            4 => Some(Expr::instance()),
            _ => None,
        };
        if let Some(expr) = leaf {
            return Ok((expr, 1));
        }
        let expected = || {
            wrong("relation: node", "a code of 0 to 7 over earlier nodes and constants", format!("({code}, {a}, {b})"))
        };
        let (Some((x, dx)), Some((y, dy))) = (self.nodes.get(a), self.nodes.get(b)) else { return Err(expected()) };
        let (x, y, depth) = (x.clone(), y.clone(), 1 + dx.max(dy));
        let expr = match code {
            5 => x + y,
            6 => x - y,
            7 => x * y,
            _ => return Err(expected()),
        };
        if depth > MAX_DEPTH {
            return Err(wrong("relation: expression", format!("chains of at most {MAX_DEPTH} operations"), depth));
        }
        Ok((expr, depth))
    }

    fn get(&self, reader: &mut Reader<'_>) -> Result<Expr, Failure> {
        let index = reader.number("node number")?;
        let node = self.nodes.get(index).map(|(expr, _)| expr.clone());
        node.ok_or_else(|| wrong("relation: node number", format!("below {}", self.nodes.len()), index))
    }

    fn term(&self, reader: &mut Reader<'_>) -> Result<BusTerm, Failure> {
        Ok(BusTerm { numerator: self.get(reader)?, payload: reader.list("payload", 4, |r| self.get(r))? })
    }

    fn group(&self, reader: &mut Reader<'_>) -> Result<BusGroup, Failure> {
        let (label, selector) = (reader.text("label")?, self.get(reader)?);
        Ok(BusGroup { label, selector, terms: reader.list("terms", 8, |r| self.term(r))? })
    }
}

/// The relation of these bytes, all of them; not validated.
pub fn decode(bytes: &[u8]) -> Result<Relation, Failure> {
    let mut reader = Reader { rest: bytes };
    if reader.take("magic", MAGIC.len())? != MAGIC {
        return Err(wrong("relation: magic", "l2r-rel1", "other bytes"));
    }
    let r = &mut reader;
    let name = r.text("name")?;
    // It is printed into Solidity sources, on a line of its own.
    if !name.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
        return Err(wrong("relation: name", "printable ASCII", name.escape_debug()));
    }
    let mut relation = Relation { name, log_n: r.number("rows")?, ..Relation::default() };
    if relation.log_n > MAX_LOG_N {
        return Err(wrong("relation: log2 of the rows", format!("at most {MAX_LOG_N}"), relation.log_n));
    }
    relation.advice = r.number("advice columns")?;
    relation.multiplicity = r.number("multiplicity columns")?;
    relation.fixed = r.number("fixed columns")?;
    relation.instance_len = r.number("public inputs")?;
    relation.instance_row0 = r.number("row of the first public input")?;
    relation.copy_columns = r.list("copy columns", 4, |r| r.number("copy column"))?;
    relation.periodic = r.list("periodic columns", 4, |r| r.list("period", WORD, |r| r.element("periodic value")))?;
    let nodes = Nodes::read(r)?;
    let constraint = |r: &mut Reader<'_>| Ok(Constraint { label: r.text("label")?, expr: nodes.get(r)? });
    relation.constraints = r.list("constraints", 8, constraint)?;
    relation.helpers = r.list("helpers", 4, |r| Ok(Helper { groups: r.list("groups", 12, |r| nodes.group(r))? }))?;
    if reader.rest.is_empty() {
        Ok(relation)
    } else {
        Err(wrong("relation: end", "no more bytes", format!("{} left", reader.rest.len())))
    }
}
