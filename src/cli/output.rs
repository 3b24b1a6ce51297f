//! Where the records go, and what is there already.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
};

use super::CliError;

/// How what was heard is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Lines for people.
    Table,
    /// One array.
    Json,
    /// One object a line.
    Jsonl,
    /// One row a line, behind a header.
    Csv,
}

/// Takes the records of all files, one by one, each as a whole.
pub struct Output {
    to: Box<dyn Write + Send>,
    format: Format,
    /// The file of the last line, in a table.
    last: Option<String>,
    /// Whether there is a record already.
    begun: bool,
}

impl Output {
    /// Writes there, where nothing is yet.
    pub fn new(to: Box<dyn Write + Send>, format: Format) -> Self {
        Self {
            to,
            format,
            last: None,
            begun: false,
        }
    }

    /// Writes into `path`, with `header` above the records; with `go_on` behind what is there. Gives the names of the files that are there.
    /// What is behind the last whole record, of a run that was ended in it, is cut off.
    ///
    /// # Errors
    /// [`CliError::Results`] when it is there and should not be, when it is something else, when another process writes it, and what
    /// the system has against it.
    pub fn file(
        path: &Path,
        format: Format,
        header: &str,
        go_on: bool,
    ) -> Result<(Self, HashSet<String>), CliError> {
        let wrong = |why: String| CliError::Results {
            file: path.display().to_string(),
            why,
        };
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create(go_on)
            .create_new(!go_on)
            .truncate(false)
            .open(path);
        let mut file = open.map_err(|why| match why.kind() {
            io::ErrorKind::AlreadyExists => wrong(
                "it is there already: --skip-done goes on with it, in json lines and csv"
                    .to_owned(),
            ),
            _ => wrong(why.to_string()),
        })?;
        if !file.metadata().is_ok_and(|there| there.is_file()) {
            return Err(wrong("it is no regular file".to_owned()));
        }
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(wrong("another process writes it".to_owned()));
        }
        let io = |why: io::Error| wrong(why.to_string());
        let there = match format {
            Format::Csv => rows(&file, header).map_err(wrong)?,
            _ => lines(&file).map_err(wrong)?,
        };
        file.set_len(there.length).map_err(io)?;
        file.seek(SeekFrom::End(0)).map_err(io)?;
        let mut output = Self {
            to: Box::new(file),
            format,
            last: None,
            begun: false,
        };
        if there.length == 0 {
            output.put(header.as_bytes())?;
        }
        Ok((output, there.files))
    }

    /// Writes what stands above all records.
    pub fn begin(&mut self, header: &str) -> Result<(), CliError> {
        self.put(header.as_bytes())
    }

    /// Writes a record about a file.
    pub fn write(&mut self, file: &str, record: &str) -> Result<(), CliError> {
        let text = match self.format {
            Format::Table if self.last.as_deref() == Some(file) => record.to_owned(),
            Format::Table => {
                self.last = Some(file.to_owned());
                format!("{file}\n{record}")
            }
            Format::Json if self.begun => format!(",\n{record}"),
            Format::Json => format!("[\n{record}"),
            Format::Jsonl => format!("{record}\n"),
            Format::Csv => record.to_owned(),
        };
        self.begun = true;
        self.put(text.as_bytes())
    }

    /// Ends it: what was begun is whole.
    pub fn finish(&mut self) -> Result<(), CliError> {
        match (self.format, self.begun) {
            (Format::Json, true) => self.put(b"\n]\n"),
            (Format::Json, false) => self.put(b"[]\n"),
            _ => Ok(()),
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.to.write_all(bytes).map_err(CliError::Output)?;
        self.to.flush().map_err(CliError::Output)
    }
}

/// A row of a CSV file, with its line's end.
pub fn row(fields: impl Iterator<Item = String>) -> Result<String, CliError> {
    let mut row = Vec::new();
    let mut writer = csv::Writer::from_writer(&mut row);
    writer
        .write_record(fields)
        .map_err(|why| CliError::Output(why.into()))?;
    writer.flush().map_err(CliError::Output)?;
    drop(writer);
    String::from_utf8(row).map_err(|why| CliError::Output(io::Error::other(why)))
}

/// What an output file has already.
#[derive(Default)]
struct There {
    /// Up to the end of the last whole record, in bytes.
    length: u64,
    files: HashSet<String>,
}

#[derive(serde::Deserialize)]
struct Named {
    file: String,
}

/// No record is longer, in bytes.
const LONGEST_LINE: u64 = 64 << 20;

/// How the records of `moodring tag` begin: their fields are in the order of the alphabet.
const BEGINNINGS: [&[u8]; 4] = [
    br#"{"answers":"#,
    br#"{"arousal":"#,
    br#"{"error":"#,
    br#"{"file":"#,
];

/// That a line is not this program's, so that nothing is written behind it and nothing cut off.
fn strange(line: usize) -> String {
    format!(
        "it is there, and its line {line} is none that `moodring tag` writes with these options: name another file"
    )
}

fn lines(file: &File) -> Result<There, String> {
    let (mut there, mut line) = (There::default(), Vec::new());
    let mut reader = BufReader::new(file);
    for number in 1.. {
        line.clear();
        let read = (&mut reader)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .map_err(|why| why.to_string())?;
        if line.last() != Some(&b'\n') {
            // A run was ended in this one, if it is one of ours.
            let is_begun = |start: &[u8]| line.starts_with(start) || start.starts_with(&line);
            if read as u64 == LONGEST_LINE || !BEGINNINGS.into_iter().any(is_begun) {
                return Err(strange(number));
            }
            break;
        }
        let Named { file } = serde_json::from_slice(&line).map_err(|_| strange(number))?;
        there.files.insert(file);
        there.length += read as u64;
    }
    Ok(there)
}

fn rows(file: &File, header: &str) -> Result<There, String> {
    let mut there = There::default();
    let mut start = BufReader::new(file);
    let mut first = String::new();
    start.read_line(&mut first).map_err(|why| why.to_string())?;
    if first.is_empty() || header.starts_with(&first) && first.len() < header.len() {
        return Ok(there);
    }
    if first != header {
        return Err(strange(1));
    }
    let mut from = start.into_inner();
    from.rewind().map_err(|why| why.to_string())?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(from);
    let columns = reader.headers().map_err(|why| why.to_string())?.len();
    there.length = reader.position().byte();
    let length = file.metadata().map_err(|why| why.to_string())?.len();
    let mut record = csv::ByteRecord::new();
    while reader
        .read_byte_record(&mut record)
        .map_err(|why| why.to_string())?
    {
        let end = reader.position().byte();
        let is_last = end == length;
        let is_cut = is_last && !ends_line(file, end);
        let name = record.get(0).map(std::str::from_utf8);
        if let (Some(Ok(name)), false) = (name, is_cut || record.len() != columns) {
            there.files.insert(name.to_owned());
            there.length = end;
            continue;
        }
        // A run was ended in the last one, perhaps in a name with a line break.
        let has_break = || record.iter().any(|field| field.contains(&b'\n'));
        let may_be_cut = is_cut || is_last && has_break();
        if !may_be_cut {
            return Err(strange(reader.position().line() as usize));
        }
        break;
    }
    Ok(there)
}

fn ends_line(mut file: &File, end: u64) -> bool {
    let mut last = [0];
    let sought = file.seek(SeekFrom::Start(end.saturating_sub(1)));
    sought.is_ok() && Read::read_exact(&mut file, &mut last).is_ok() && last == *b"\n"
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(set: &HashSet<String>) -> Vec<&str> {
        let mut names: Vec<_> = set.iter().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_was_cut_in_a_record_goes_on_behind_the_last_whole_one() {
        let folder = tempfile::tempdir().unwrap();
        for (format, header, whole, cut) in [
            (Format::Jsonl, "", "{\"file\":\"a\"}\n", "{\"file\":\"b\""),
            (Format::Jsonl, "", "{\"file\":\"a\"}\n", "{\"file\":\"b\"}"),
            (Format::Csv, "file,x\n", "a,1\n", "b"),
            (Format::Csv, "file,x\n", "a,1\n", "b,1"),
            (Format::Csv, "file,x\n", "a,1\n", "\"b\nb"),
        ] {
            let path = folder.path().join("out");
            fs::write(&path, format!("{header}{whole}{cut}")).unwrap();
            let (mut output, done) = Output::file(&path, format, header, true).unwrap();
            assert_eq!(names(&done), ["a"], "{cut}");
            output.write("c", "record\n").unwrap();
            let expected = format!("{header}{whole}record\n");
            assert_eq!(
                fs::read_to_string(&path).unwrap().trim_end(),
                expected.trim_end()
            );
        }
    }

    #[test]
    fn what_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        for (text, format, header, go_on) in [
            ("{\"file\":\"a\"}\n", Format::Jsonl, "", false),
            ("my novel\n", Format::Jsonl, "", true),
            ("file,y\na,1\n", Format::Csv, "file,x\n", true),
            // Nothing of these was begun by a run that was ended.
            ("{\"name\":\"mine\"}", Format::Jsonl, "", true),
            ("my novel", Format::Jsonl, "", true),
            ("{\"file\":\"a\"}\nmy remark", Format::Jsonl, "", true),
            (
                "file,x\na,1\nmy remark\nb,1\n",
                Format::Csv,
                "file,x\n",
                true,
            ),
            ("file,x\na,1\nmy remark\n", Format::Csv, "file,x\n", true),
        ] {
            fs::write(&path, text).unwrap();
            assert!(Output::file(&path, format, header, go_on).is_err());
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        // A header that was cut is no other one.
        fs::write(&path, "file,").unwrap();
        drop(Output::file(&path, Format::Csv, "file,x\n", true).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "file,x\n");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_never_ends_is_no_output_to_go_on_with() {
        let zeros = Path::new("/dev/full");
        assert!(Output::file(zeros, Format::Jsonl, "", true).is_err());
    }

    #[test]
    fn two_processes_don_t_write_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let first = Output::file(&path, Format::Jsonl, "", true).unwrap();
        assert!(Output::file(&path, Format::Jsonl, "", true).is_err());
        drop(first);
        assert!(Output::file(&path, Format::Jsonl, "", true).is_ok());
    }
}
