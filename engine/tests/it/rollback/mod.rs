//! Rolling runs back: everything as it was, what others did since stays, and the way back from the way back.

mod narrow;
mod refused;
pub mod stage;
mod stays;
mod whole;
