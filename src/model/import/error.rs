//! Why a network gets no card, in one line each.

use std::{io, path::PathBuf};

use super::Exporter;
use crate::foreign_text::one_line;

/// Why a network gets no card.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file can't be read, or is larger than any model.
    #[error("{file}: can't be read ({why})", file = one_line(&file.display().to_string()), why = one_line(why))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// It is no ONNX file.
    #[error("{network}: is not an ONNX file ({why})", network = one_line(&network.display().to_string()), why = one_line(why))]
    NotOnnx {
        /// The file.
        network: PathBuf,
        /// The parser's reason.
        why: String,
    },
    /// It has no input, or several.
    #[error("{network}: has {found} inputs, expected 1", network = one_line(&network.display().to_string()))]
    Inputs {
        /// The file.
        network: PathBuf,
        /// How many it has.
        found: usize,
    },
    /// Nobody is known who exports such an input.
    #[error(
        "{network}: its input `{input}` is {shape}, which {whose}: {known}; \
         choose one with --from, or write the card by hand, as docs/models.md explains",
        network = one_line(&network.display().to_string()),
        input = one_line(input),
        known = Exporter::KNOWN
    )]
    Unknown {
        /// The file.
        network: PathBuf,
        /// Its input's name.
        input: String,
        /// Its input's shape.
        shape: String,
        /// Whose inputs it isn't like.
        whose: String,
    },
    /// Essentia's metadata name an algorithm whose input isn't known here.
    #[error(
        "{network}: its metadata name `{algorithm}`, whose input can't be made here: TensorflowPredictMusiCNN, TensorflowPredictEffnetDiscogs and \
         TensorflowPredictVGGish can",
        network = one_line(&network.display().to_string()),
        algorithm = one_line(algorithm)
    )]
    Algorithm {
        /// The file.
        network: PathBuf,
        /// The algorithm.
        algorithm: String,
    },
    /// Nothing says what its outputs are called.
    #[error(
        "{network}: doesn't say what its outputs are called: give --labels FILE, with a name a line, a CSV file with a column display_name, or a JSON list",
        network = one_line(&network.display().to_string())
    )]
    Nameless {
        /// The file.
        network: PathBuf,
    },
    /// There are more or fewer names than any output has numbers.
    #[error(
        "{network}: {from} has {names} names, but {outputs}",
        network = one_line(&network.display().to_string()),
        from = one_line(from),
        outputs = one_line(outputs)
    )]
    Count {
        /// The file.
        network: PathBuf,
        /// How many names there are.
        names: usize,
        /// Where they are from.
        from: String,
        /// The outputs with their widths.
        outputs: String,
    },
    /// A list of names can't be read.
    #[error("{file}: {why}", file = one_line(&file.display().to_string()), why = one_line(why))]
    Names {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There is a tagger in the folder already.
    #[error("{place}: is there already: move it away, or choose another folder", place = one_line(&place.display().to_string()))]
    Exists {
        /// The folder of the tagger.
        place: PathBuf,
    },
    /// The folder can't be written.
    #[error("{place}: can't be written ({why})", place = one_line(&place.display().to_string()))]
    CantWrite {
        /// The folder of the tagger.
        place: PathBuf,
        /// The system's reason.
        why: io::Error,
    },
    /// The network doesn't run with its card.
    #[error("{network}: can't be used ({why})", network = one_line(&network.display().to_string()), why = one_line(why))]
    Unusable {
        /// The file.
        network: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}
