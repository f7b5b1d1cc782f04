//! What a write under a run's lease is checked by.

/// The right to write as a run: its number and the epoch of the lease under which its process works.
///
/// Every write of a run at work takes one and asks for it in its own transaction
/// ([`Session::fence`](super::Session::fence)): once another process has taken the run over, under a higher epoch, nothing of
/// the former one is written any more. A lease gives it ([`RunLease::fence`](super::RunLease::fence)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    pub(super) tenant: String,
    pub(super) run_id: i64,
    pub(super) epoch: i64,
    /// The run that this one takes back, with the epoch under which this process holds it.
    pub(super) over: Option<(i64, i64)>,
}

impl Fence {
    /// That of a run that was just created and that nobody has had yet. Whoever takes its lease ends it.
    pub fn of_new(tenant: &str, run_id: i64) -> Self {
        Self { tenant: tenant.to_owned(), run_id, epoch: 0, over: None }
    }

    /// That of a look, which has no lease: it lets nothing through.
    pub fn of_look(tenant: &str, run_id: i64) -> Self {
        Self { tenant: tenant.to_owned(), run_id, epoch: -1, over: None }
    }

    /// The same while another run is held too. Who takes either of them over ends it.
    #[must_use]
    pub fn over(self, other: &Self) -> Self {
        Self { over: Some((other.run_id, other.epoch)), ..self }
    }

    /// Whose run it is.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The run.
    pub fn run_id(&self) -> i64 {
        self.run_id
    }

    /// The epoch of its lease.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// The runs that must be ours, with their epochs.
    pub(super) fn runs(&self) -> impl Iterator<Item = (i64, i64)> {
        [(self.run_id, self.epoch)].into_iter().chain(self.over)
    }
}
