//! Projects of other people: an entity and tables of their own, and what they do wrong.

mod courses;
mod likeness;
mod mistakes;
mod number_formats;
mod numbered_tables;
mod own_tables;
mod planned_references;
mod reads;
pub mod references;
mod refused;
mod runaway;
mod shipped;
mod students;
mod tables;
