//! Reading a card's JSON, and what is wrong with its fields.

use serde::{Deserialize, de::DeserializeOwned};

use crate::{json_text, model::ModelError};

/// The one card schema that this version reads.
pub(super) const SCHEMA: u32 = 1;

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

pub(super) fn check_header(file: &str, bytes: &[u8], kind: &str) -> Result<(), ModelError> {
    let header: Header = parse(file, bytes)?;
    if header.schema != SCHEMA {
        return Err(ModelError::field(file, "schema", header.schema, SCHEMA));
    }
    expect_text(file, "kind", &header.kind, kind)
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
            format!("{least} to {most}"),
        ))
    }
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

/// Checks that hold for both front-ends: a window and a hop that the streaming code can honour, and a sane range.
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
