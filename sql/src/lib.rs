pub mod functions;
pub mod migrations;
pub mod project;
