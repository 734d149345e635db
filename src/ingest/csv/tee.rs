//! A reader that keeps the bytes of the last records, for the place of a cell in the text that it was read from.

use std::io::{self, ErrorKind, Read};

/// Passes bytes on and keeps those behind a point that moves along.
pub(super) struct Tee<R> {
    inner: R,
    kept: Vec<u8>,
    /// Offset of the first byte kept.
    start: u64,
    /// Offset of the first byte that may be asked for.
    needed: u64,
}

impl<R> Tee<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, kept: Vec::new(), start: 0, needed: 0 }
    }

    /// Bytes before this offset will not be asked for.
    pub(super) fn forget_before(&mut self, offset: u64) {
        self.needed = offset;
    }

    /// The bytes from this offset on, as far as they have been read.
    pub(super) fn bytes_from(&self, offset: u64) -> &[u8] {
        let at = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX);
        self.kept.get(at..).unwrap_or(&[])
    }
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_old = usize::try_from(self.needed.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.kept.len());
        // Only where half or more goes, so that a byte is moved about once.
        if n_old > 0 && n_old >= self.kept.len() / 2 {
            self.kept.drain(..n_old);
            self.start += n_old as u64;
        }
        loop {
            match self.inner.read(buffer) {
                Ok(n) => {
                    self.kept.extend_from_slice(buffer.get(..n).unwrap_or(&[]));
                    return Ok(n);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tee;
    use std::io::Read as _;

    #[test]
    fn what_is_needed_stays() {
        let text: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        let mut tee = Tee::new(&text[..]);
        let mut buffer = [0; 100];
        for step in 0..100u64 {
            tee.forget_before((step * 100).saturating_sub(30));
            tee.read_exact(&mut buffer).unwrap();
            let from = (step * 100).saturating_sub(30);
            assert_eq!(tee.bytes_from(from), &text[from as usize..(step as usize + 1) * 100]);
            assert!(tee.kept.len() <= 400, "{} bytes kept", tee.kept.len());
        }
        assert!(tee.bytes_from(10_000).is_empty());
        assert!(tee.bytes_from(99_999).is_empty());
    }
}
