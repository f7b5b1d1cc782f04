pub mod functions;
pub mod header_words;
pub mod level_weights;
pub mod migrations;
pub mod project;
pub mod regions;
