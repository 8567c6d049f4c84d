//! Chance that can be had again: every number follows from a seed, and the seed is told.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

/// Set this to the seed that a failed run has told, to have the same numbers again.
const VARIABLE: &str = "AWP_TEST_SEED";

/// A stream of numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

/// The seed of this run: what the environment says, otherwise a new one. It is told, so that a
/// failure can be had again.
#[expect(
    clippy::print_stderr,
    reason = "a test's own output is shown when it fails"
)]
pub fn seed() -> u64 {
    let given = std::env::var(VARIABLE).ok();
    let seed = given.map_or_else(
        || RandomState::new().build_hasher().finish(),
        |seed| seed.parse().expect("a whole number"),
    );
    eprintln!("{VARIABLE}={seed}");
    seed
}

impl Random {
    /// The stream of this number among those of a seed.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut random = Self(seed ^ number.wrapping_mul(0xd134_2543_de82_ef95));
        random.number();
        random
    }

    /// The next number (splitmix64).
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// A length from 1 to `most`, the short ones as likely as the long ones.
    pub fn length(&mut self, most: usize) -> usize {
        let bits = u64::from(usize::BITS - most.leading_zeros());
        let scale = 1_usize << self.below(bits);
        let length = scale + usize::try_from(self.below(scale as u64)).expect("it fits");
        length.min(most)
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Bytes of which no stretch of some length comes twice.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.extend_from_slice(&self.number().to_le_bytes());
        }
        bytes.truncate(length);
        bytes
    }

    /// Printable lines of which no stretch of some length comes twice.
    pub fn lines(&mut self, length: usize) -> Vec<u8> {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+\n";
        let mut bytes = self.bytes(length);
        for byte in &mut bytes {
            *byte = LETTERS[usize::from(*byte & 63)];
        }
        bytes
    }
}
