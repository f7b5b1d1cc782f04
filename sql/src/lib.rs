pub mod functions;
pub mod header_words;
pub mod migrations;
pub mod project;
pub mod regions;
