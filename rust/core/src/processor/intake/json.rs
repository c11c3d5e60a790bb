//! A strict parser of one flat JSON object whose values are strings or non-negative integers.
//!
//! Refused: other members' types, nesting, floats, signs, leading zeros, duplicate keys, escapes in keys, bytes after
//! the object, and anything above [`MAX_BYTES`]. What it is not: a JSON library; no L2Transaction needs more.

use super::super::Fault;

/// Longest request that is read.
pub const MAX_BYTES: usize = 4096;

/// A member's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string without escapes.
    Text(&'a str),
    /// An integer in 0 .. 2^64.
    Integer(u64),
}

/// Reads the members of an object in order.
///
/// # Errors
/// `too_large`, `malformed_json` or `not_an_integer`, with the byte position.
pub fn parse_object(bytes: &[u8]) -> Result<Vec<(&str, Value<'_>)>, Fault> {
    if bytes.len() > MAX_BYTES {
        let expected = format!("at most {MAX_BYTES} bytes");
        return Err(Fault::compared("too_large", "the request is too large", expected, bytes.len()));
    }
    let text = core::str::from_utf8(bytes)
        .map_err(|e| Fault::compared("malformed_json", "not UTF-8", "UTF-8", format!("byte {}", e.valid_up_to())))?;
    let mut p = Parser { text, at: 0 };
    let mut members: Vec<(&str, Value<'_>)> = Vec::new();
    p.expect(b'{')?;
    if p.peek() == Some(b'}') {
        p.at += 1;
    } else {
        loop {
            let key = p.string()?;
            if members.iter().any(|(k, _)| *k == key) {
                return Err(Fault::compared("malformed_json", "a member occurs twice", "each member once", key));
            }
            p.expect(b':')?;
            members.push((key, p.value()?));
            if p.peek() == Some(b',') {
                p.at += 1;
                continue;
            }
            p.expect(b'}')?;
            break;
        }
    }
    if let Some(extra) = p.peek() {
        return Err(p.wrong("the end", Some(extra)));
    }
    Ok(members)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, expected: &str, got: Option<u8>) -> Fault {
        let got = got.map_or_else(|| "the end".to_owned(), |b| format!("{:?} at byte {}", char::from(b), self.at));
        Fault::compared("malformed_json", "not a flat JSON object", expected, got)
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        let got = self.peek();
        if got != Some(byte) {
            return Err(self.wrong(&format!("{:?}", char::from(byte)), got));
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<&'a str, Fault> {
        self.expect(b'"')?;
        let rest = &self.text.as_bytes()[self.at..];
        let end = rest.iter().position(|b| matches!(b, b'"' | b'\\') || *b < 0x20);
        match end.map(|n| (n, rest[n])) {
            Some((n, b'"')) => {
                let out = &self.text[self.at..self.at + n];
                self.at += n + 1;
                Ok(out)
            }
            other => Err(self.wrong("a string without escapes", other.map(|(_, b)| b))),
        }
    }

    fn value(&mut self) -> Result<Value<'a>, Fault> {
        match self.peek() {
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'0'..=b'9') => self.integer(),
            Some(b'-') => {
                let got = self.text[self.at..].chars().take(24).collect::<String>();
                Err(Fault::compared("out_of_range", "a number is negative", "0 <= integer < 2^64", got))
            }
            other => Err(self.wrong("a string or a non-negative integer", other)),
        }
    }

    fn integer(&mut self) -> Result<Value<'a>, Fault> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let digits = &rest[..end];
        let follows = rest.as_bytes().get(end).copied();
        if matches!(follows, Some(b'.' | b'e' | b'E' | b'_')) || digits.len() > 1 && digits.starts_with('0') {
            let got = rest.chars().take(24).collect::<String>();
            return Err(Fault::compared("not_an_integer", "a number is not a plain integer", "decimal digits", got));
        }
        let value = digits.parse::<u64>().map_err(|_| {
            Fault::compared("out_of_range", "an integer is too large", "< 2^64", digits.get(..24).unwrap_or(digits))
        })?;
        self.at += end;
        Ok(Value::Integer(value))
    }
}
