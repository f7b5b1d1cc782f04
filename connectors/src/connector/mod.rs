//! The connectors that there are, and which of them reads an input.
//!
//! | file | what stands there |
//! | --- | --- |
//! | `list` | the list: [`CONNECTORS`], and their options |
//! | `open` | [`open()`]: by name or by content |
//!
//! What a connector is, and what it is asked for, stands a floor below: [`Connector`], [`Request`], [`Input`], [`Words`].

mod list;
mod open;

pub use crate::request::{
    Connector, Input, KnownNames, OptionWord, OwnInput, Request, Words, too_large, wrong_value,
};
pub use list::{ANY, CONNECTORS, all_words, check, connector, is_own, own_input, words_of};
pub use open::{open, recognise};
