//! Nouns and rules. Pure: no runtime, no clock, no descriptor; time enters as an argument.

pub mod id;
pub mod screen;
pub mod size;
