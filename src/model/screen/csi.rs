//! A control sequence's parts: prefix, parameters, intermediates, final byte.

/// Parameters that are kept; the rest of a longer list is ignored. 32 is what emulators agree on.
const PARAMS_MAX: usize = 32;

/// A control sequence that has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Csi {
    /// `<`, `=`, `>` or `?` if the parameters begin with it, else 0.
    pub prefix: u8,
    /// The last intermediate byte, or 0.
    pub intermediate: u8,
    /// The byte that names the function.
    pub final_byte: u8,
    values: [u16; PARAMS_MAX],
    /// Bit n: parameter n was written after a colon.
    colons: u32,
    len: usize,
}

impl Csi {
    /// Reads what stands after the introducer; `None` if it is malformed.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut csi = Self {
            prefix: 0,
            intermediate: 0,
            final_byte: *body.last()?,
            values: [0; PARAMS_MAX],
            colons: 0,
            len: 0,
        };
        let mut place = 0;
        let mut any = false;
        for &byte in &body[..body.len() - 1] {
            match byte {
                0x00..=0x1f | 0x7f => (),
                0x20..=0x2f if csi.intermediate == 0 => csi.intermediate = byte,
                0x3c..=0x3f if !any && csi.prefix == 0 && csi.intermediate == 0 => {
                    csi.prefix = byte;
                }
                b'0'..=b'9' if csi.intermediate == 0 => {
                    any = true;
                    if let Some(value) = csi.values.get_mut(place) {
                        *value = value
                            .saturating_mul(10)
                            .saturating_add((byte - b'0').into());
                    }
                }
                b';' | b':' if csi.intermediate == 0 => {
                    any = true;
                    place += 1;
                    if byte == b':' && place < PARAMS_MAX {
                        csi.colons |= 1 << place;
                    }
                }
                _ => return None,
            }
        }
        csi.len = if any { (place + 1).min(PARAMS_MAX) } else { 0 };
        Some(csi)
    }

    /// The parameters, at least one (0 if none was written).
    pub fn params(&self) -> &[u16] {
        &self.values[..self.len.max(1)]
    }

    /// How many parameters were written.
    pub fn written(&self) -> usize {
        self.len
    }

    /// Parameter `index`, 0 if it was not written.
    pub fn get(&self, index: usize) -> u16 {
        self.values.get(index).copied().unwrap_or(0)
    }

    /// Parameter `index` as a count or a position: 0 and nothing mean 1.
    pub fn count(&self, index: usize) -> usize {
        usize::from(self.get(index).max(1))
    }

    /// Whether parameter `index` was written after a colon, so belongs to the one before it.
    pub fn is_sub(&self, index: usize) -> bool {
        index < PARAMS_MAX && self.colons >> index & 1 == 1
    }

    /// Prefix, intermediate and final byte together, to match on.
    pub fn function(&self) -> (u8, u8, u8) {
        (self.prefix, self.intermediate, self.final_byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read() {
        let csi = Csi::parse(b"?1;2:3$p").expect("well formed");
        assert_eq!(csi.function(), (b'?', b'$', b'p'));
        assert_eq!(csi.params(), [1, 2, 3]);
        assert!(csi.is_sub(2) && !csi.is_sub(1));
        assert_eq!(Csi::parse(b"m").expect("well formed").params(), [0]);
        assert_eq!(
            Csi::parse(b"99999999H").expect("well formed").get(0),
            u16::MAX
        );
        assert_eq!(Csi::parse(b"1?h"), None);
    }
}
