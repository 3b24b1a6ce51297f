//! The cards: what a model says of itself. Parsed strictly, so that a front-end that the code can't honour is refused by name.
//!
//! - `tagger`, `timbre`: the two kinds of card with networks, each with its front-end
//! - `listen_front_end`, `tags`, `circumplex`: what a tagger wants, what it names, and how that tells the mood's place
//! - `notes`: the card of the named timbres' players
//! - `projection`: the plane through the latent space, as a timbre model's card has it
//! - `entry`: the files and tensors that both list
//! - `check`: what is wrong with a field, said in one way

mod check;
mod circumplex;
mod entry;
mod listen_front_end;
mod notes;
mod projection;
mod tagger;
mod tags;
mod timbre;

pub use circumplex::{Affect, Circumplex};
pub(super) use entry::{FileEntry, NetworkEntry, TensorEntry};
pub use listen_front_end::{BandSides, ListenFrontEnd, ListenWindow};
pub(super) use notes::{ByteRange, NotesCard};
pub(super) use projection::Projection;
pub use tagger::TaggerCard;
pub use tags::{TagInfo, TagKind};
pub use timbre::{Anchor, LatentInfo, TimbreCard, TimbreFrontEnd};

#[cfg(test)]
mod tests;
