//! The type of a field.

use super::words::words;

words! {
    /// Type of a field.
    FieldType {
        Text = "text",
        Name = "name",
        Email = "email",
        EmailList = "email_list",
        Phone = "phone",
        PhoneList = "phone_list",
        Date = "date",
        Timestamp = "timestamp",
        Integer = "integer",
        Boolean = "boolean",
        Country = "country",
        /// A number with a fixed count of decimals.
        Decimal = "decimal",
        /// A time of day.
        Time = "time",
        /// A length of time, as whole seconds.
        Duration = "duration",
        /// The address of a page.
        Url = "url",
        /// One of a few values.
        Enum = "enum",
        Json = "json",
        Uuid = "uuid",
        /// Several values of another type.
        List = "list",
        /// A record of another entity.
        Reference = "reference",
    }
}

impl FieldType {
    /// A list of e-mail addresses or phone numbers in one column: the further values of a set.
    pub fn is_list(self) -> bool {
        matches!(self, Self::EmailList | Self::PhoneList)
    }

    /// Has a `<field>_unparsed` column: not every text can be read as it.
    pub fn can_fail(self) -> bool {
        !matches!(self, Self::Text | Self::Name | Self::Email)
    }

    /// The type of one value of a list.
    pub fn item(self) -> Self {
        match self {
            Self::EmailList => Self::Email,
            Self::PhoneList => Self::Phone,
            other => other,
        }
    }

    /// Why a list cannot hold values of it; `None` where it can.
    pub(super) fn unfit_for_lists(self) -> Option<&'static str> {
        match self {
            Self::Email | Self::EmailList => Some("write `type: email_list`, with the set that it feeds"),
            Self::Phone | Self::PhoneList => Some("write `type: phone_list`, with the set that it feeds"),
            Self::Reference => Some(
                "a record that refers to several others has a row for each of them: an entity of its own",
            ),
            Self::List | Self::Json => Some("write `type: json`, which may hold lists within lists"),
            _ => None,
        }
    }
}
