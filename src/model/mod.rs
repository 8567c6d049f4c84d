//! Nouns and rules. Pure: no runtime, no clock, no descriptor; time enters as an argument.

pub mod id;
pub mod keep;
pub mod mode;
pub mod size;
