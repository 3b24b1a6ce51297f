//! A card for a network that others exported: what it hears is told from who made it, and what it names from a list.
//!
//! - `exported`: what an ONNX file says of itself
//! - `exporter`: what each exporter's networks hear
//! - `names`: what the outputs are called, and of which kind each is
//! - `error`: why there is no card

mod error;
mod exported;
mod exporter;
mod names;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

pub use error::ImportError;
pub use exporter::Exporter;

use super::{
    ModelSource, TaggerModel,
    source::{LARGEST_FILE, sha256},
};
use crate::regular_file;
use exported::{Exported, Tensor};
use names::Names;

/// A network that is to get a card.
#[derive(Debug, Clone)]
pub struct Import {
    /// The ONNX file. Essentia's metadata may lie beside it, with the ending `json`.
    pub network: PathBuf,
    /// Who exported it; told from the file itself where it is `None`.
    pub exporter: Option<Exporter>,
    /// The names of the outputs: a JSON list, a CSV file with a column of names, or a name a line. Where it is `None`, those that the
    /// file or its metadata has.
    pub labels: Option<PathBuf>,
    /// What the model is called; the file's own name where it is `None`.
    pub name: Option<String>,
}

impl Import {
    /// Writes `tagger/card.json` and `tagger/model.onnx` into `folder`, once the network has been loaded with the card. Takes seconds.
    ///
    /// # Errors
    /// [`ImportError`]; then there is nothing new in `folder`.
    pub fn run(&self, folder: &Path) -> Result<(), ImportError> {
        let place = folder.join("tagger");
        if place.exists() {
            return Err(ImportError::Exists { place });
        }
        let bytes = read(&self.network)?;
        let card = self.card(&bytes)?;
        let failed = |why: io::Error| ImportError::CantWrite {
            place: place.clone(),
            why,
        };
        let is_new = !folder.exists();
        fs::create_dir_all(folder).map_err(failed)?;
        let written = || {
            let draft = tempfile::tempdir_in(folder).map_err(failed)?;
            let tagger = draft.path().join("tagger");
            fs::create_dir(&tagger).map_err(failed)?;
            fs::write(tagger.join("model.onnx"), &bytes).map_err(failed)?;
            fs::write(tagger.join("card.json"), text(&card)).map_err(failed)?;
            TaggerModel::load(&ModelSource::Folder(draft.path().to_owned())).map_err(|why| {
                ImportError::Unusable {
                    network: self.network.clone(),
                    // The draft's own path would be no help: it goes at once.
                    why: why.to_string().replace(
                        &format!("{}{}", tagger.display(), std::path::MAIN_SEPARATOR),
                        "",
                    ),
                }
            })?;
            fs::rename(&tagger, &place).map_err(failed)
        };
        let done = written();
        if done.is_err() && is_new {
            // It is empty again, or else somebody else's already.
            let _ = fs::remove_dir(folder);
        }
        done
    }

    /// The card of a network.
    fn card(&self, bytes: &[u8]) -> Result<Value, ImportError> {
        let exported = Exported::read(&self.network, bytes)?;
        let names = Names::find(self, &exported)?;
        let output = self.output(&exported, &names)?;
        let input = exported.only_input(&self.network)?;
        let (exporter, heard) = exporter::hearing(
            &self.network,
            self.exporter,
            names.algorithm(),
            input,
            names.len(),
        )?;
        let called = self.name.clone().unwrap_or_else(|| {
            let stem = self.network.file_stem().unwrap_or_default();
            stem.to_string_lossy().into_owned()
        });
        let mut card = json!({
            "schema": 2,
            "kind": "tagger",
            "name": called,
            "version": "1",
            "exporter": exporter.id(),
            "files": {"model": {"file": "model.onnx", "sha256": sha256(bytes)}},
            "input": {"name": input.name, "shape": heard.shape},
            "output": {
                "name": output.name,
                "shape": output.fixed(names.len()),
                "activation": exported.activation_left(&output.name),
            },
            "frontend": heard.front_end,
            "tags": names.tags(),
        });
        let embedding = exported.embedding(&output.name).map(|tensor| {
            let shape: Vec<_> = tensor.shape.iter().map(|size| size.unwrap_or(1)).collect();
            json!({"name": tensor.name, "shape": shape})
        });
        let licence = exported
            .notes
            .get("license")
            .or(exported.notes.get("licence"));
        let further = [
            ("normalisation", heard.normalisation),
            ("embedding", embedding),
            ("licence", licence.map(|licence| json!(licence))),
        ];
        for (field, value) in further {
            if let (Some(value), Some(card)) = (value, card.as_object_mut()) {
                card.insert(field.to_owned(), value);
            }
        }
        Ok(card)
    }

    /// The output that has a number for each name.
    fn output<'a>(&self, exported: &'a Exported, names: &Names) -> Result<&'a Tensor, ImportError> {
        let fits = |output: &&Tensor| match output.shape.last() {
            Some(Some(width)) => *width == names.len(),
            // It doesn't say how wide it is: loading it will tell.
            Some(None) | None => exported.outputs.len() == 1,
        };
        exported.outputs.iter().find(fits).ok_or_else(|| {
            let widths = exported.outputs.iter().map(|output| {
                let width = output.shape.last().copied().flatten();
                let width = width.map_or_else(|| "?".to_owned(), |width| width.to_string());
                format!("`{}` has {width}", output.name)
            });
            ImportError::Count {
                network: self.network.clone(),
                names: names.len(),
                from: names.origin(),
                outputs: widths.collect::<Vec<_>>().join(", "),
            }
        })
    }
}

/// The bytes of a file that the user names.
fn read(file: &Path) -> Result<Vec<u8>, ImportError> {
    regular_file::read(file, LARGEST_FILE).map_err(|why| ImportError::Unreadable {
        file: file.to_owned(),
        why: why.to_string(),
    })
}

/// A card as it is written: JSON, indented by a space, with a line feed at the end.
fn text(card: &Value) -> String {
    format!("{card:#}\n")
}
