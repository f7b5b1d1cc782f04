//! Contacts in vCards (2.1, 3.0 and 4.0), as phones and mail programs export them; one card is one record.
//!
//! The columns are always the same: `uid`, the parts of the name, `full_name`, `nickname`, `birth_date`, `email`, `phone` and
//! `phone_type`, `organization`, `department`, `title`, the parts of the address, `note`, `url`, and at the end `_more`, a JSON
//! object of all that has no column. Where cards of the sample have several addresses of e-mail or telephone numbers, there
//! are `email_2`, `phone_2`, `phone_2_type` … too; the preferred one comes first. Pictures and sounds in the file are left out,
//! and counted.
//!
//! | file | what happens there |
//! | --- | --- |
//! | `connector` | all of it as a connector: [`VCard`] |
//! | `frame` | where a card begins and ends |
//! | `line` | unfolded lines of a card as properties: group, name, parameters, bytes of the value |
//! | `value` | the bytes of a value as text: quoted-printable, character sets, escapes, parts |
//! | `card` | the properties of a card as cells |
//! | `source` | card by card |
//! | `code` | codes of rejects, notes and errors |

mod card;
mod code;
mod connector;
mod frame;
mod line;
mod source;
mod value;

pub(crate) use source::NAME;

pub use connector::VCard;
