//! Lake and store as one catalogue for `importer sql`.
