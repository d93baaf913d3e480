//! A yes or no for each record, in an eighth of a byte.
//!
//! In: numbers of records. Out: whether one was put in. Never: a number that wasn't.

/// A set of record numbers.
#[derive(Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub(crate) fn put(&mut self, record: u32) {
        let at = (record / 64) as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (record % 64);
    }

    pub(crate) fn has(&self, record: u32) -> bool {
        self.0.get((record / 64) as usize).is_some_and(|bits| bits >> (record % 64) & 1 == 1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_there() {
        let mut bits = Bits::default();
        assert!(bits.is_empty());
        for n in [0, 63, 64, 700] {
            bits.put(n);
        }
        assert_eq!((0..2000).filter(|n| bits.has(*n)).collect::<Vec<_>>(), [0, 63, 64, 700]);
        assert!(!bits.is_empty());
    }
}
