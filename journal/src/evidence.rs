//! Evidence that history was not rewritten: the head, signed and put where the journal's owner cannot reach it, and the
//! walk that holds the whole chain of hashes against it.
//!
//! A checkpoint is a signed note in the C2SP tlog-checkpoint form. Its root is the hash of the last event, the head of a
//! chain, and **not** the root of a Merkle tree: whoever has it can check the whole journal up to its position, but there
//! are no short proofs of inclusion or consistency.

mod checkpoint;
mod keys;
mod note;
mod signing;
mod stored;
mod walk;

pub use checkpoint::{Checkpoint, parse};
pub use keys::{Signer, Verifier};
pub use note::NoteError;
pub use signing::{Options, Witness, WitnessError, run, sign_head};
pub use stored::stored;
pub(crate) use walk::follow;
pub use walk::{Finding, Walk, WalkError, walk};
