//! Many songs, a line each.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    cli::{CliError, models::Models, tag},
    model::TagKind,
};

/// Of each kind so many of the likeliest tags are shown.
const TAGS: usize = 3;

/// What is known of many songs.
#[derive(Default)]
pub struct Library {
    songs: Vec<Song>,
}

/// A line of what `moodring tag --format jsonl` writes, as far as it is shown.
#[derive(Deserialize)]
struct Record {
    file: String,
    seconds: Option<f64>,
    #[serde(default)]
    headlines: BTreeMap<String, Option<String>>,
    valence: Option<f64>,
    arousal: Option<f64>,
    #[serde(default)]
    tags: BTreeMap<String, BTreeMap<String, f32>>,
    note: Option<String>,
    error: Option<String>,
    /// Only what `--every` gives has it.
    state: Option<Value>,
}

/// What the page has of a song.
#[derive(Serialize)]
struct Song {
    file: String,
    seconds: Option<f64>,
    genre: Option<String>,
    instrument: Option<String>,
    mood: Option<String>,
    valence: Option<f64>,
    arousal: Option<f64>,
    /// By kind the likeliest tags, with their probabilities.
    tags: Vec<(String, Vec<(String, f32)>)>,
    note: Option<String>,
}

impl From<Record> for Song {
    fn from(mut record: Record) -> Self {
        let mut headline = |kind: TagKind| record.headlines.remove(kind.id()).flatten();
        let [genre, instrument, mood] = TagKind::COLUMNS.map(&mut headline);
        let tags = TagKind::ALL.into_iter().filter_map(|kind| {
            let mut likely: Vec<_> = record.tags.remove(kind.id())?.into_iter().collect();
            likely.sort_by(|one, other| other.1.total_cmp(&one.1));
            likely.truncate(TAGS);
            Some((kind.id().to_owned(), likely))
        });
        // A message says which file it is about, which stands beside it here.
        let about = format!("{}: ", record.file);
        let note = record.error.or(record.note);
        let note = note.map(|note| note.strip_prefix(&about).unwrap_or(&note).to_owned());
        Self {
            tags: tags.collect(),
            file: record.file,
            seconds: record.seconds,
            genre,
            instrument,
            mood,
            valence: record.valence,
            arousal: record.arousal,
            note,
        }
    }
}

impl Library {
    /// Takes in what `moodring tag --format jsonl` has written. The last line of a run that was ended in it is passed over.
    ///
    /// # Errors
    /// [`CliError::Results`] with the number of a line that is another one.
    pub fn read(&mut self, listing: &Path) -> Result<(), CliError> {
        let wrong = |why: String| CliError::Results {
            file: listing.display().to_string(),
            why,
        };
        let file = File::open(listing).map_err(|why| wrong(why.to_string()))?;
        let (mut reader, mut line) = (BufReader::new(file), Vec::new());
        for number in 1_u64.. {
            line.clear();
            let read = reader.read_until(b'\n', &mut line);
            if read.map_err(|why| wrong(why.to_string()))? == 0 {
                break;
            }
            let is_whole = line.last() == Some(&b'\n');
            match self.add(&line) {
                Err(_) if !is_whole => break,
                added => added.map_err(|why| wrong(format!("line {number}: {why}")))?,
            }
        }
        Ok(())
    }

    /// Hears sound files, and those in folders.
    ///
    /// # Errors
    /// [`CliError::Told`] if some could not be read, which are told and in here all the same; what keeps all from being heard.
    pub fn hear(
        &mut self,
        models: &Models,
        jobs: Option<u16>,
        files: &[PathBuf],
    ) -> Result<(), CliError> {
        let shelf = Shelf(Arc::default());
        let heard = tag::summaries(models, jobs, files, Box::new(Shelf(shelf.0.clone())));
        let mut library = shelf.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.songs.append(&mut library.songs);
        heard
    }

    fn add(&mut self, line: &[u8]) -> Result<(), String> {
        let record: Record = serde_json::from_slice(line)
            .map_err(|why| format!("not one that `moodring tag --format jsonl` writes ({why})"))?;
        if record.state.is_some() {
            return Err("one of many answers on a file: a report takes summaries, which `moodring tag` gives without --every".to_owned());
        }
        self.songs.push(record.into());
        Ok(())
    }

    /// What the page shows of what is in `named`, in the order of the files' names.
    pub fn data(mut self, named: &[PathBuf]) -> Value {
        self.songs.sort_by(|one, other| one.file.cmp(&other.file));
        let folder = common_folder(self.songs.iter().map(|song| Path::new(&song.file)));
        for song in &mut self.songs {
            if let Ok(inside) = Path::new(&song.file).strip_prefix(&folder) {
                song.file = inside.display().to_string();
            }
        }
        let title = match named {
            [one] => one.file_name().unwrap_or(one.as_os_str()).to_string_lossy(),
            several => format!("{} places", several.len()).into(),
        };
        json!({
            "title": title,
            "folder": folder.display().to_string(),
            "moodring": env!("CARGO_PKG_VERSION"),
            "songs": self.songs,
        })
    }
}

/// The folder that all files are in, if not directly.
fn common_folder<'a>(mut files: impl Iterator<Item = &'a Path>) -> PathBuf {
    let folder = |file: &'a Path| {
        file.parent()
            .map_or(Vec::new(), |folder| folder.components().collect())
    };
    let mut common: Vec<Component<'_>> = files.next().map_or(Vec::new(), folder);
    for file in files {
        let same = common.iter().zip(folder(file));
        let same = same.take_while(|(one, other)| *one == other).count();
        common.truncate(same);
    }
    common.into_iter().collect()
}

/// Where `moodring tag` puts its lines: it writes each in one piece.
struct Shelf(Arc<Mutex<Library>>);

impl Write for Shelf {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if !line.is_empty() {
            let mut library = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            library.add(line).map_err(io::Error::other)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Library, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut library = Library::default();
        let read = library.read(file.path());
        read.map(|()| library).map_err(|why| why.to_string())
    }

    #[test]
    fn lines_are_songs_in_the_order_of_their_names() {
        let library = read(concat!(
            r#"{"file":"/music/b/two.mp3","seconds":2.5,"headlines":{"genre":"rock","mood":null},"valence":0.5,"#,
            r#""arousal":-1.0,"tags":{"genre":{"pop":0.1,"rock":0.8,"jazz":0.3,"folk":0.2}},"note":null}"#,
            "\n",
            r#"{"file":"/music/a/one.mp3","error":"/music/a/one.mp3: it is no sound"}"#,
            "\n",
            r#"{"file":"/music/a/cut"#,
        ));
        let data = library
            .unwrap()
            .data(&[PathBuf::from("/somewhere/music.jsonl")]);
        assert_eq!(data["title"], "music.jsonl");
        assert_eq!(data["folder"], "/music");
        let [one, two] = data["songs"].as_array().unwrap().as_slice() else {
            panic!("{data}");
        };
        assert_eq!(one["file"], "a/one.mp3");
        assert_eq!(one["note"], "it is no sound");
        assert_eq!(two["genre"], "rock");
        assert_eq!(two["mood"], Value::Null);
        let tags = [("rock", 0.8_f32), ("jazz", 0.3), ("folk", 0.2)];
        assert_eq!(two["tags"], json!([["genre", tags]]));
    }

    #[test]
    fn other_lines_are_refused_with_their_number() {
        for (text, words) in [
            ("{\"file\":\"a\"}\n{\"name\":\"b\"}\n", "line 2"),
            ("{\"file\":\"a\",\"state\":\"live\"}\n", "--every"),
        ] {
            let why = read(text).err().unwrap();
            assert!(why.contains(words), "{why}");
        }
    }
}
