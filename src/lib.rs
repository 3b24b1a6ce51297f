//! Moodring: names what it hears and morphs its timbre.
