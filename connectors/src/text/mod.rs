//! What connectors of text files share: bytes that are inflated and decoded, places in them, and batches of text columns.
//!
//! | file | what stands there |
//! | --- | --- |
//! | `decoded` | [`Text`]: the text of a file, from one place on, with the way back to its bytes |
//! | `place` | lines and columns of places |
//! | `column` | cells into Arrow string arrays, with a way back when a record turns out damaged |
//! | `source` | [`TextSource`]: all of it as a source, of which a [`Format`] says how one step is taken |

mod column;
mod decoded;
mod place;
mod source;

pub(crate) use column::Column;
pub(crate) use decoded::{
    Decoding, MOST_RECORD_BYTES, Opened, RAW_BYTES, RECORD_BYTES, Stops, Text, unicode,
};
pub(crate) use place::Place;
pub(crate) use source::{Format, Settled, Step, TextSource};
