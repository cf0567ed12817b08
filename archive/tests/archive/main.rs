//! Journals that go into files and come out of them.

mod backups;
mod exports;
mod imports;
mod place;
#[cfg(feature = "parquet")]
mod readers;
