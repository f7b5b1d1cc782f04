//! What a source says about its rows, files and columns in one word each.

use super::words::words;

words! {
    /// Whether every row must bring an external id.
    ExternalIdPolicy {
        Required = "required",
        Optional = "optional",
    }
}

words! {
    /// What happens to a row whose record exists.
    DuplicatePolicy {
        /// Create or update.
        Upsert = "upsert",
        /// An existing record is left as it is.
        Skip = "skip",
        /// Only existing records are updated, others are counted as not found.
        Update = "update",
    }
}

words! {
    /// Which of two values stays that are equally new, and as strong in everything else that the field's group prefers.
    Ties {
        /// The one that core has.
        Core = "core",
        /// The one that comes in, where core has its value from the same external id.
        Incoming = "incoming",
    }
}

words! {
    /// What happens to the files of a run once they are loaded.
    After {
        /// They stay as they are.
        None = "none",
        /// A file `<name>.imported` beside them says so, and folders pass them over.
        Mark = "mark",
        /// They go into the folder `imported` beside them.
        Move = "move",
    }
}

words! {
    /// Whether good rows are loaded when others are bad.
    ImportMode {
        ValidOnly = "valid_only",
        AllOrNothing = "all_or_nothing",
    }
}

words! {
    /// What a column that maps to no field does.
    NewColumns {
        /// It is landed, and listed in the summary.
        Evolve = "evolve",
        /// The run stops.
        Freeze = "freeze",
        /// It is landed, and mappings do not see it.
        DiscardValue = "discard_value",
    }
}

words! {
    /// What a record that cannot be read does.
    BadRows {
        /// It goes to the rejects.
        DiscardRow = "discard_row",
        /// The run stops.
        Freeze = "freeze",
    }
}

words! {
    /// What a value that cannot be read as its type does, where the field says nothing.
    BadValues {
        /// The row is quarantined.
        DiscardRow = "discard_row",
        /// The row goes on without the value, with a warning.
        DiscardValue = "discard_value",
    }
}
