//! Reading a card's JSON, and what is wrong with its fields.

use std::collections::HashSet;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{foreign_text::wrong_name, json_text, model::ModelError};

/// The one card schema that this version reads, but for taggers.
pub(super) const SCHEMA: u32 = 1;

/// The newest schema of a tagger's card: front-ends of others' taggers, and what is made of their answers. The first is read as ever.
pub(super) const TAGGER_SCHEMA: u32 = 2;

/// What is done about direct current, whatever the card says.
const DC: &str = "to be blocked before";

/// The shortest and the longest sound that one answer looks at, in seconds: 30, and what a spectrogram's edges add to them.
const LEAST_SECONDS: f64 = 0.5;
const MOST_SECONDS: f64 = 32.0;

/// The two fields that are read first, so that a card of another schema is told as such and not as a lack of fields.
#[derive(Deserialize)]
struct Header {
    schema: u32,
    kind: String,
}

pub(super) fn parse<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T, ModelError> {
    json_text::parse(bytes).map_err(|why| ModelError::BadJson {
        file: file.to_owned(),
        why,
    })
}

/// Checks the schema, which may be up to `newest`, and the kind; gives the schema.
pub(super) fn check_header(
    file: &str,
    bytes: &[u8],
    kind: &str,
    newest: u32,
) -> Result<u32, ModelError> {
    let header: Header = parse(file, bytes)?;
    if newest == SCHEMA && header.schema != SCHEMA {
        return Err(ModelError::field(file, "schema", header.schema, SCHEMA));
    }
    expect_range(file, "schema", header.schema, SCHEMA, newest)?;
    expect_text(file, "kind", &header.kind, kind)?;
    Ok(header.schema)
}

pub(super) fn expect_text(
    file: &str,
    field: &str,
    found: &str,
    expected: &str,
) -> Result<(), ModelError> {
    if found == expected {
        Ok(())
    } else {
        Err(ModelError::field(
            file,
            field,
            format!("`{found}`"),
            format!("`{expected}`"),
        ))
    }
}

/// Checks what is shown as a name: it has letters, not too many, and none of them breaks a line or steers a terminal.
pub(super) fn expect_name(file: &str, field: &str, found: &str) -> Result<(), ModelError> {
    match wrong_name(found) {
        Some((found, expected)) => Err(ModelError::field(file, field, found, expected)),
        None => Ok(()),
    }
}

/// Checks the names by which a card's entries are found: each is one, and no two are the same. `field` says where the one of a number stands.
pub(super) fn expect_ids<'a>(
    file: &str,
    field: impl Fn(usize) -> String,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<(), ModelError> {
    expect_each_once(file, field, ids, ("id", str::to_owned))
}

/// Checks the names that a user chooses among: each is one, and no two are the same but for small and capital letters.
pub(super) fn expect_names<'a>(
    file: &str,
    field: impl Fn(usize) -> String,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<(), ModelError> {
    expect_each_once(file, field, names, ("name", str::to_lowercase))
}

fn expect_each_once<'a>(
    file: &str,
    field: impl Fn(usize) -> String,
    names: impl IntoIterator<Item = &'a str>,
    (what, known_by): (&str, fn(&str) -> String),
) -> Result<(), ModelError> {
    let mut known = HashSet::new();
    for (index, name) in names.into_iter().enumerate() {
        let field = field(index);
        expect_name(file, &field, name)?;
        if !known.insert(known_by(name)) {
            let found = format!("`{name}` once more");
            return Err(ModelError::field(
                file,
                &field,
                found,
                format!("another {what}"),
            ));
        }
    }
    Ok(())
}

/// `allowed` has two texts or more.
pub(super) fn expect_one_of(
    file: &str,
    field: &str,
    found: &str,
    allowed: &[&str],
) -> Result<(), ModelError> {
    if allowed.contains(&found) {
        return Ok(());
    }
    let allowed: Vec<String> = allowed.iter().map(|text| format!("`{text}`")).collect();
    let expected = allowed.join(" or ");
    Err(ModelError::field(
        file,
        field,
        format!("`{found}`"),
        expected,
    ))
}

pub(super) fn expect_range<T: PartialOrd + std::fmt::Display>(
    file: &str,
    field: &str,
    found: T,
    least: T,
    most: T,
) -> Result<(), ModelError> {
    if found >= least && found <= most {
        Ok(())
    } else {
        Err(ModelError::field(
            file,
            field,
            found,
            if least == most {
                most.to_string()
            } else {
                format!("{least} to {most}")
            },
        ))
    }
}

/// How many numbers a tensor of these sizes has: a card's may be so great that their product doesn't fit, and it is then as great as can be.
pub(super) fn elements(sizes: &[usize]) -> usize {
    sizes.iter().copied().fold(1, usize::saturating_mul)
}

pub(super) fn expect_shape(
    file: &str,
    field: &str,
    found: &[usize],
    expected: &[usize],
) -> Result<(), ModelError> {
    if found == expected {
        Ok(())
    } else {
        Err(ModelError::field(
            file,
            field,
            format!("{found:?}"),
            format!("{expected:?}"),
        ))
    }
}

/// Checks of the timbre model's frames: a window and a hop that the streaming code can honour, and a sane range.
pub(super) fn check_frames(
    file: &str,
    sample_rate: u32,
    n_fft: usize,
    hop: usize,
    f_min: f32,
    f_max: f32,
) -> Result<(), ModelError> {
    expect_range(file, "frontend.sample_rate", sample_rate, 8_000, 96_000)?;
    expect_range(file, "frontend.n_fft", n_fft, 64, 8_192)?;
    if !n_fft.is_power_of_two() {
        return Err(ModelError::field(
            file,
            "frontend.n_fft",
            n_fft,
            "a power of two",
        ));
    }
    expect_range(file, "frontend.hop", hop, 1, n_fft)?;
    expect_range(file, "frontend.f_max", f_max, 1.0, sample_rate as f32 / 2.0)?;
    expect_range(file, "frontend.f_min", f_min, 0.0, f_max - 1.0)
}

/// Checks what both kinds of a tagger's front-end say of the sound.
pub(super) fn check_sound(
    file: &str,
    channels: &str,
    dc: Option<&str>,
    sample_rate: u32,
) -> Result<(), ModelError> {
    expect_text(file, "frontend.channels", channels, "mono mean")?;
    expect_text(file, "frontend.dc", dc.unwrap_or(DC), DC)?;
    expect_range(file, "frontend.sample_rate", sample_rate, 4_000, 192_000)
}

/// Checks how long the sound is that one answer looks at: so many frames, or samples, each `hop` samples behind the last.
pub(super) fn check_seconds(
    file: &str,
    field: &str,
    (frames, what): (usize, &str),
    hop: usize,
    sample_rate: u32,
) -> Result<(), ModelError> {
    let rate = f64::from(sample_rate);
    let seconds = frames as f64 * hop as f64 / rate;
    if (LEAST_SECONDS..=MOST_SECONDS).contains(&seconds) {
        return Ok(());
    }
    let frames_in = |seconds: f64| seconds * rate / hop.max(1) as f64;
    let (least, most) = (
        frames_in(LEAST_SECONDS).ceil(),
        frames_in(MOST_SECONDS).floor(),
    );
    Err(ModelError::field(
        file,
        field,
        format!("{frames} ({seconds:.2} s)"),
        format!("{least} to {most} {what} ({LEAST_SECONDS} to {MOST_SECONDS} s)"),
    ))
}
