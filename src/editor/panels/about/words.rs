//! What stays as it is: the glossary, mouse and keys, licences.

use std::sync::LazyLock;

use super::block::Block;

const GLOSSARY: [(&str, &str); 14] = [
    (
        "σ (sigma)",
        "A standard deviation, the unit of the knobs: two thirds of all the sounds that the timbre model has learned lie within 1 σ of the middle; few are beyond 2 σ",
    ),
    (
        "Timbre",
        "What tells a flute from a trumpet that plays the same note as loudly",
    ),
    (
        "Latent space",
        "The eight numbers that the timbre model describes a timbre by. Each knob shifts one of them, and the map is a view of all of them",
    ),
    (
        "Morph",
        "How far the sound's timbre is drawn to another one: a named timbre, a place on the map, what you captured, or the sidechain's",
    ),
    (
        "Curve",
        "The gain in each of 128 bands that makes the new timbre of the old one, many times a second",
    ),
    (
        "Resynthesis",
        "How much the curve imposes the model's own spectrum, in place of changing the sound's",
    ),
    (
        "Follow",
        "Whether the timbre moves with the input, or is held where it was",
    ),
    (
        "Sidechain",
        "A second input, which your host routes another track to: Morph can lead to its timbre",
    ),
    (
        "Tag",
        "A word for what is heard: a genre, an instrument, a mood. Each has a probability of its own, since several can be right at once",
    ),
    (
        "Probability",
        "How often a tag is right when it is shown with this number. Genres and moods have many words for the same music, so theirs are smaller than those of instruments: half of a bar is where a tag is likely",
    ),
    (
        "Large word",
        "The tag of its kind that has been clearly the likeliest for about two seconds; 'unsure' while none is likely",
    ),
    (
        "Averaging",
        "How many seconds of answers the numbers and bars are the mean of. Each answer looks back over some seconds by itself, so a change of the music is seen a few seconds later",
    ),
    (
        "Latency",
        "How much later the sound comes out. Hosts make up for it on playback",
    ),
    (
        "Late curve",
        "One that wasn't ready in time: the one before it goes on, and the timbre lags for some milliseconds. The sound is never interrupted",
    ),
];

const SHORTCUTS: [(&str, &str); 13] = [
    (
        "Drag",
        "Turns a knob, moves a slider or the cross on the map",
    ),
    (
        "Shift or Ctrl, and drag, wheel or arrows",
        "The same, finer (on a Mac: Cmd for Ctrl)",
    ),
    ("Wheel", "One step; on the timeline: one to ten minutes"),
    ("Double-click, Alt-click, Ctrl-click", "Back to the default"),
    (
        "Click on a number",
        "Lets you type the value; Enter takes it, Escape leaves it",
    ),
    (
        "Right button, Shift+F10",
        "A control's menu: reset, type, copy, paste, lock, and what the host has",
    ),
    ("Tab, Shift+Tab", "To the next control or group, or back"),
    (
        "Arrow keys",
        "Turn what has the focus. In a group: to the next of it",
    ),
    (
        "Enter",
        "Types the value of what has the focus; presses a button",
    ),
    ("Ctrl+Z", "Undo (on a Mac: Cmd)"),
    ("Ctrl+Shift+Z, Ctrl+Y", "Redo"),
    (
        "Click on a tag",
        "Keeps it on top; a second click lets it go",
    ),
    ("Escape", "Closes a menu"),
];

const LICENCES: [(&str, &str); 7] = [
    (
        "Moodring",
        "MIT or Apache-2.0, at your option. It comes without any warranty",
    ),
    (
        "The models",
        "As Moodring's. They learned from free music, recorded notes and voices, and other free models, all of which models/README.md in the source names with their licences",
    ),
    ("Ubuntu Light", "Font; Ubuntu Font Licence 1.0"),
    ("Noto Emoji", "Font; SIL Open Font Licence 1.1"),
    (
        "Hack",
        "Font; MIT, with parts under the Bitstream Vera licence",
    ),
    ("emoji-icon-font, egui-icons", "Fonts; MIT"),
    (
        "Libraries",
        "egui, nice-plug, baseview, tract, symphonia, rubato, realfft and others: MIT, Apache-2.0, ISC, Zlib, BSL-1.0, MPL-2.0 and Unicode-3.0. Cargo.lock in the source lists all of them. VST is a trademark of Steinberg Media Technologies GmbH",
    ),
];

/// What the words of this trade mean here.
pub fn glossary() -> &'static [Block] {
    static BLOCKS: LazyLock<Vec<Block>> = LazyLock::new(|| Block::rows(&GLOSSARY));
    &BLOCKS
}

/// What mouse and keys do.
pub fn shortcuts() -> &'static [Block] {
    static BLOCKS: LazyLock<Vec<Block>> = LazyLock::new(|| Block::rows(&SHORTCUTS));
    &BLOCKS
}

/// Whose everything is.
pub fn licences() -> &'static [Block] {
    static BLOCKS: LazyLock<Vec<Block>> = LazyLock::new(|| Block::rows(&LICENCES));
    &BLOCKS
}
