//! The SQL functions: what a mapping, a rule or a query may call besides DataFusion's own.
//!
//! Each function is one file named like the function: a type with its documentation, what `scalar_function!` makes a
//! function of it with, a thin adaptor to Arrow, and the plain Rust function with its unit tests. [`all`] is the list; a new function is its file,
//! its line here, its line in `registry` and its `.slt` file under `sql/functions_slt/`.
//!
//! Shared by several functions:
//! - `arguments`: Arrow's string layouts and constants, in one place.
//! - `calendar`, `dated`: the grammar and the words of dates, and arguments that are dates.
//! - `contact_text`: the characters of telephone numbers and addresses.
//! - `email_cell`, `phone_cell`: what stands in a cell for addresses or numbers; `phone_cuts`,
//!   `phone_findings`, `phone_number`, `phone_words`: its parts.
//! - `enum_values`: the values of an enum with their spellings.
//! - `generation_words`: words behind a name that tell its bearers apart.
//! - `given_names`: what two given names have to do with each other.
//! - `json_text`: JSON of which nothing is lost.
//! - `list_cells`: cells with several values of one type.
//! - `name_holds_words`: words that no person is called by.
//! - `null_words`: words for nothing, by the kind of the cell.
//! - `number_text`: the grammar of numbers with decimals.
//! - `personal_name`: the parts of a name.
//! - `provenance_json`: where a value came from, as JSON.
//! - `row_format`: rows as bytes that sort as the rows do.
//! - `scalar_function`: what all functions have alike, as a macro.
//! - `similarity`: how much two values are alike; a folder, whose files are made like those here.
//! - `text_damage`: signs of damaged letters, and how to undo them; `text_entities`, `text_code_pages`, `text_mac`,
//!   `text_lost`, `text_strange` and `text_letters` are its parts.
//! - `value_encoding`: values as bytes, for hashing.
//! - `winner`: the winner of a field, as survivorship gives it.
//!
//! Rules that hold for all of them: NULL gives NULL unless the documentation says otherwise, text comes back as
//! `Utf8View`, the same arguments always give the same answer, and no text makes them fail.

mod arguments;
mod calendar;
mod cell_text;
mod clean_text;
mod column_survey;
mod contact_set;
mod contact_text;
mod country_code;
mod country_of_sign;
mod date_ambiguous;
mod date_in_zone;
mod date_of_serial;
mod date_problem;
mod dated;
mod edited_since;
mod email_cell;
mod email_clean;
mod email_fault;
mod email_further;
mod email_key;
mod email_list;
mod email_list_unparsed;
mod email_note;
mod email_set;
mod enum_hint;
mod enum_value;
mod enum_values;
mod external_id_clean;
mod external_id_form;
mod external_ids_alike;
mod family_evidence;
mod family_key;
mod fingerprint;
mod fingerprint_differs;
mod fold;
mod generation_words;
mod given_evidence;
mod given_key;
mod given_names;
mod is_email;
mod json_canonical;
mod json_list;
mod json_text;
mod key_strength;
mod list_cells;
mod list_of;
mod list_of_problem;
mod list_of_unparsed;
mod mask;
mod mend_text;
mod name_clean;
mod name_family;
mod name_generation;
mod name_given;
mod name_holds;
mod name_holds_words;
mod name_key;
mod name_spelling;
mod name_split_doubtful;
mod name_suffix;
mod name_title;
mod name_without_title;
mod names_compatible;
mod no_name;
mod null_if_word;
mod null_words;
mod number_problem;
mod number_text;
mod opaque;
mod parse_boolean;
mod parse_date;
mod parse_decimal;
mod parse_duration;
mod parse_integer;
mod parse_list;
mod parse_time;
mod parse_timestamp;
mod person_evidence;
mod personal_name;
mod phone_cell;
mod phone_cuts;
mod phone_e164;
mod phone_extension;
mod phone_findings;
mod phone_further;
mod phone_list;
mod phone_list_unparsed;
mod phone_note;
mod phone_number;
mod phone_region;
mod phone_set;
mod phone_words;
mod primary_key;
mod provenance_entry;
mod provenance_fields;
mod provenance_json;
mod raw_text;
mod reads_as;
mod reference;
mod registry;
mod row_checksum;
mod row_format;
mod row_hash;
mod row_pack;
mod row_unpack;
mod row_unpack_list;
mod same_birth;
mod scalar_function;
mod scientific_notation;
mod set_keys;
mod similarity;
mod spreadsheet_restore;
mod spreadsheet_safe;
mod spreadsheet_unguard;
mod text_code_pages;
mod text_damage;
mod text_damaged;
mod text_entities;
mod text_letters;
mod text_lost;
mod text_mac;
mod text_strange;
mod text_strength;
mod url_clean;
mod uuid_clean;
mod value_encoding;
mod winner;
mod won_by;

pub use cell_text::text_columns;
pub use column_survey::{ColumnSurvey, DateCounts, NumberCounts, Seen};
pub use country_code::is_region;
pub use enum_values::enum_key;
pub use json_canonical::json_canonical_str;
pub use list_cells::{list_values, lists_of_json};
pub use mask::mask_str;
pub use names_compatible::keys_compatible;
pub use number_text::NumberShown;
pub use parse_timestamp::is_time_zone;
pub use reads_as::{
    country_of, country_of_phone, number_shown, phone_of, reads_as_boolean, reads_as_country, reads_as_date,
    reads_as_decimal, reads_as_duration, reads_as_email, reads_as_integer, reads_as_json, reads_as_time,
    reads_as_url, reads_as_uuid,
};
pub use reference::reference_markdown;
pub use registry::{aggregates, all};
pub use spreadsheet_restore::spreadsheet_restore_str;
pub use spreadsheet_safe::spreadsheet_safe_str;
pub use spreadsheet_unguard::spreadsheet_unguard_str;

/// Makes tables and patterns that functions otherwise make when they are first used.
pub fn warm_up() {
    phone_number::warm_up();
    given_names::warm_up();
    key_strength::warm_up();
}
