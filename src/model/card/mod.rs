//! The cards: what a model says of itself. Parsed strictly, so that a front-end that the code can't honour is refused by name.
//!
//! - `tagger`, `timbre`: the two kinds of card with networks, each with its front-end
//! - `listen_front_end`, `log_mel_front_end`, `input`, `normalisation`: what a tagger wants
//! - `answer`, `tags`, `circumplex`: how its output is read, what it names, and how that tells the mood's place
//! - `notes`: the card of the named timbres' players
//! - `map`: the plane through the latent space, as a timbre model's card has it, and that of songs, a file beside the tagger's
//! - `entry`: the files and tensors that both list
//! - `check`: what is wrong with a field, said in one way

mod answer;
mod check;
mod circumplex;
mod entry;
mod input;
mod listen_front_end;
mod log_mel_front_end;
mod map;
mod normalisation;
mod notes;
mod tagger;
mod tags;
mod timbre;

pub use crate::foreign_text::LONGEST_NAME;
pub use circumplex::{Affect, Circumplex};
pub(super) use entry::{FileEntry, NetworkEntry, TensorEntry};
pub use input::InputOrder;
pub use listen_front_end::{ListenFrontEnd, WaveformFrontEnd};
pub use log_mel_front_end::LogMelFrontEnd;
pub(super) use map::Projection;
pub use map::{FARTHEST, MusicMap, MusicPlace, NEAREST_SONGS, Song};
pub use normalisation::Normalisation;
pub(super) use notes::{ByteRange, ChordEarCard, ColoursCard, NotesCard};
pub use tagger::TaggerCard;
pub use tags::{TagInfo, TagKind};
pub use timbre::{Anchor, LatentInfo, TimbreCard, TimbreFrontEnd};

#[cfg(test)]
mod tests;
