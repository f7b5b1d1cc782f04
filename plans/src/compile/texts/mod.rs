//! What the cells of a landed file are read as, where a cell alone cannot tell: its columns are looked at as a whole first.
//!
//! Stage reads the cells as was decided; a file that shows nothing out of the ordinary costs it nothing.
//!
//! - `survey`: what is asked of each column ([`survey_sql`]), and what a source lets them decide
//! - `decide`: the conclusions ([`decide`]), which are kept with the file
//! - `file_texts`: what was decided, and the SQL that reads a cell so
//! - `told`: what was decided, in sentences
//!
//! By what the cells show: `damage` of letters, `date_orders`, `day_times`, `numbers`; `shares` of a column;
//! `sides` of values that can be meant in two ways.

mod damage;
mod date_orders;
mod day_times;
mod decide;
mod file_texts;
mod numbers;
mod shares;
mod sides;
mod survey;
mod told;

pub use date_orders::FoundOrder;
pub use decide::decide;
pub use file_texts::{ColumnTexts, FileTexts};
pub use survey::{TextPolicy, survey_sql, surveyed};
pub use told::told;
