//! Who is who, decided by people: two rows become one, and are two again as if nothing had been.

mod chains;
mod children;
#[cfg(feature = "failpoints")]
mod kill;
mod merge;
mod property;
mod since;
mod split;
mod stage;
mod suggestions;
