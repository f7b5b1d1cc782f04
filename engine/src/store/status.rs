//! The enumerations of the control tables: one spelling in Rust, SQL and JSON; and which status may follow which.

use super::{Result, StoreError};

/// An enum whose values are the texts of a column with a CHECK.
macro_rules! texts {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The text stored and shown.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = StoreError;

            fn from_str(text: &str) -> Result<Self> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(StoreError::value(concat!("not a known ", stringify!($name)))),
                }
            }
        }
    };
}

texts! {
    /// What sort of run it is.
    RunKind {
        /// An import.
        Normal = "normal",
        /// An import without load.
        DryRun = "dry_run",
        /// A historic load.
        Backfill = "backfill",
        /// Fixed rows on their way again.
        Remediation = "remediation",
        /// The same input once more.
        Replay = "replay",
        /// A window of a stream.
        Stream = "stream",
        /// Taking a run back.
        Rollback = "rollback",
    }
}

texts! {
    /// Where a run stands.
    RunStatus {
        /// Written down, not started.
        Pending = "pending",
        /// Waiting for a worker.
        Queued = "queued",
        /// Being worked on.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Ended without a committed chunk.
        Failed = "failed",
        /// Ended with some chunks committed.
        PartiallyFailed = "partially_failed",
        /// Stopped by a person, to be resumed.
        Paused = "paused",
        /// Given up by a person.
        Cancelled = "cancelled",
        /// Its effects are taken back.
        RolledBack = "rolled_back",
    }
}

texts! {
    /// Where a step stands.
    StepStatus {
        /// Not begun.
        Pending = "pending",
        /// Being worked on.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Ended with an error.
        Failed = "failed",
        /// Not needed.
        Skipped = "skipped",
    }
}

texts! {
    /// How bad a finding is.
    Severity {
        /// The row is quarantined.
        Error = "error",
        /// The row goes on.
        Warn = "warn",
        /// To be known.
        Info = "info",
    }
}

texts! {
    /// What made two records be compared.
    MatchType {
        /// The external id.
        ExternalId = "external_id",
        /// The e-mail key.
        Email = "email",
        /// The phone key.
        Phone = "phone",
        /// An alternate key together with the family name.
        Combined = "combined",
        /// A shared key of incompatible people.
        Household = "household",
        /// A score.
        Fuzzy = "fuzzy",
        /// Nothing: a row without any key.
        None = "none",
    }
}

texts! {
    /// What was decided on a suggestion.
    Decision {
        /// By a deterministic rule.
        AutoResolved = "auto_resolved",
        /// By a score.
        AutoMerged = "auto_merged",
        /// By a person: the same.
        Accepted = "accepted",
        /// By a person: merged.
        Merged = "merged",
        /// By a person: not the same.
        Rejected = "rejected",
        /// By a person: later.
        Deferred = "deferred",
        /// By a person: taken apart.
        Split = "split",
        /// Not yet.
        Pending = "pending",
    }
}

texts! {
    /// What is known of a source's namespace.
    NamespaceStatus {
        /// Met, nobody has decided.
        Seen = "seen",
        /// Approved by a person.
        Approved = "approved",
        /// Refused by a person.
        Refused = "refused",
    }
}

texts! {
    /// What somebody asks of a run at work.
    StopRequest {
        /// Finish the chunk, to be resumed later.
        Pause = "pause",
        /// Give up, as long as nothing is loaded.
        Cancel = "cancel",
    }
}

impl RunStatus {
    /// Whether the attempt is over.
    pub fn is_final(self) -> bool {
        use RunStatus::*;
        matches!(self, Succeeded | Failed | PartiallyFailed | Cancelled | RolledBack)
    }

    /// Whether this status may be followed by that one.
    pub fn may_become(self, next: Self) -> bool {
        use RunStatus::*;
        match self {
            Pending => matches!(next, Queued | Running | Failed | Cancelled),
            Queued => matches!(next, Pending | Running | Failed | Cancelled),
            // Running again: the process died without a word, and another takes the run over.
            Running => matches!(next, Running | Succeeded | Failed | PartiallyFailed | Paused | Cancelled),
            Paused => matches!(next, Queued | Running | Failed | PartiallyFailed | Cancelled | RolledBack),
            Failed => matches!(next, Pending | Queued | Running | Cancelled),
            PartiallyFailed => matches!(next, Pending | Queued | Running | Cancelled | RolledBack),
            Succeeded => matches!(next, RolledBack),
            Cancelled => matches!(next, Pending | RolledBack),
            RolledBack => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RunStatus;

    #[test]
    fn ends_are_ends() {
        for &next in RunStatus::ALL {
            assert!(!RunStatus::RolledBack.may_become(next));
            assert!(
                !next.may_become(RunStatus::Pending)
                    || !matches!(next, RunStatus::Succeeded | RunStatus::Running)
            );
        }
        assert!(RunStatus::Failed.may_become(RunStatus::Running));
        assert!(!RunStatus::Succeeded.may_become(RunStatus::Running));
    }
}
