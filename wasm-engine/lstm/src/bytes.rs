//! A cursor over little-endian bytes that never reads past the end and never trusts a length.

use crate::error::ModelError;

pub(crate) struct Bytes<'a> {
    rest: &'a [u8],
    part: &'static str,
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8], part: &'static str) -> Self {
        Self { rest: bytes, part }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `n` bytes. `n` may come from the file: it is held against what is left.
    pub(crate) fn take(&mut self, n: usize) -> Result<&'a [u8], ModelError> {
        let (head, rest) = self
            .rest
            .split_at_checked(n)
            .ok_or(ModelError::Truncated { part: self.part })?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        let (head, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(ModelError::Truncated { part: self.part })?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, ModelError> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u32(&mut self) -> Result<u32, ModelError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn i32(&mut self) -> Result<i32, ModelError> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    pub(crate) fn i64(&mut self) -> Result<i64, ModelError> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    pub(crate) fn f32(&mut self) -> Result<f32, ModelError> {
        Ok(f32::from_le_bytes(self.array()?))
    }

    pub(crate) fn f64(&mut self) -> Result<f64, ModelError> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    /// A length or count that must fit the rest of the file, each counted thing being at least `unit_bytes` long.
    pub(crate) fn count(&mut self, unit_bytes: usize) -> Result<usize, ModelError> {
        let n = self.u32()? as usize;
        if n.saturating_mul(unit_bytes) > self.rest.len() {
            return Err(ModelError::Truncated { part: self.part });
        }
        Ok(n)
    }

    /// A string as Tesseract writes it: u32 length, then bytes.
    pub(crate) fn string(&mut self) -> Result<&'a [u8], ModelError> {
        let n = self.count(1)?;
        self.take(n)
    }
}
