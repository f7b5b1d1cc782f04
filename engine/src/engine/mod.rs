//! The engine as a program uses it.
//!
//! - [`opened`]: one store, one lake, one project; what every other part of the crate is given
//! - [`verbs`]: what can be asked of them about runs. What concerns plans, rollbacks, held rows or records is asked by
//!   methods beside their code: [`crate::plan`], [`crate::rollback`], [`crate::remedy`], [`crate::why`]

mod opened;
mod verbs;

pub use opened::{Engine, EngineOptions, OpenError, connect, core_tables, warm_up};
