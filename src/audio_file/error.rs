//! What can be wrong with a sound file, in one line each.

use std::path::PathBuf;

/// The formats that are read, for messages and the command line's help.
pub const FORMATS: &str =
    "wav (RF64, too), aiff, caf, flac, mp3, ogg (Vorbis, Opus), m4a (AAC, ALAC)";

/// Why a file could not be read or written. Each message is one line: the file, what was found, what to do.
#[derive(Debug, thiserror::Error)]
pub enum AudioFileError {
    /// The path can't be opened.
    #[error("{}: can't be opened ({source}); check the path and its permissions", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What comes through a pipe can't be kept.
    #[error("{}: can't be kept in {} while it is read ({source}); make room there, or save it as a file first", path.display(), std::env::temp_dir().display())]
    Spool {
        /// The pipe.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system fails while the file is read.
    #[error("{}: can't be read any further ({source}); check the disk", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The content is none of the formats that are read.
    #[error("{}: not a readable sound file ({found}); what can be read is {FORMATS}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What the reader stumbled over.
        found: String,
    },
    /// A well-formed file without a single frame of audio.
    #[error("{}: holds no audio ({found}); export it again", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// What is missing.
        found: &'static str,
    },
    /// What says where in the file the sound is stands behind the sound, and is missing.
    #[error("{}: has no index ({found}): it was cut before it, or never finished, and without it none of the sound can be found; get a complete copy, or export it again", path.display())]
    NoIndex {
        /// The file.
        path: PathBuf,
        /// What the index is called, and where it should be.
        found: &'static str,
    },
    /// The audio ends before the file says that it does.
    #[error("{}: truncated, {read_seconds:.2} s could be read {}; get a complete copy", path.display(), of_declared(*declared_seconds))]
    Truncated {
        /// The file.
        path: PathBuf,
        /// How much could be decoded, in seconds.
        read_seconds: f64,
        /// How much the file declares, in seconds, if it does.
        declared_seconds: Option<f64>,
    },
    /// Undecodable data within the stream.
    #[error("{}: damaged {at_seconds:.2} s into the audio ({found}), {read_seconds:.2} s could be read; get an intact copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the first damage is, in seconds.
        at_seconds: f64,
        /// How much could be read, the silence in damaged places included, in seconds.
        read_seconds: f64,
        /// What the decoder stumbled over.
        found: String,
    },
    /// The layout changes within the stream.
    #[error("{}: {read_seconds:.2} s into the audio {found}; only what is before was read: split the file there", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// How much could be read, in seconds.
        read_seconds: f64,
        /// What turns into what.
        found: String,
    },
    /// Another file is joined on, which can't be read in one go with what is in front of it.
    #[error("{}: {read_seconds:.2} s were read; at byte {byte} the sound of another file begins, which was not ({found}): split the file there", path.display())]
    Joined {
        /// The file.
        path: PathBuf,
        /// How much could be read, in seconds.
        read_seconds: f64,
        /// Where in the file the other one's sound begins.
        byte: u64,
        /// What the other one is.
        found: String,
    },
    /// There is sound that isn't read beside that which is.
    #[error("{}: {read_seconds:.2} s were read, of the first of {count} streams of sound that run side by side; split the file to have the others", path.display())]
    Parallel {
        /// The file.
        path: PathBuf,
        /// How much was read, in seconds.
        read_seconds: f64,
        /// How many streams there are.
        count: usize,
    },
    /// The whole file doesn't fit into memory.
    #[error("{}: {seconds:.0} s of it don't fit into memory; cut the file into parts", path.display())]
    Memory {
        /// The file.
        path: PathBuf,
        /// How much had fitted, in seconds.
        seconds: f64,
    },
    /// The wav could not be written.
    #[error("{}: can't be written ({found}); check the folder, its permissions and the free space", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        found: String,
    },
    /// Whoever was to take the wav has gone.
    #[error("{}: nobody reads it any more", path.display())]
    NobodyReads {
        /// The pipe.
        path: PathBuf,
    },
}

fn of_declared(declared_seconds: Option<f64>) -> String {
    match declared_seconds {
        Some(seconds) => format!("of the {seconds:.2} s that its header declares"),
        None => "and its end is missing".to_owned(),
    }
}
