//! Moodring: names what it hears and morphs its timbre.

pub mod audio_file;
