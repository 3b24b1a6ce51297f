//! PNG files.

use std::path::Path;

use moodring::atomic_file;

use crate::error::HostError;

/// Writes an 8-bit RGB picture, row by row from the top: `rgb` is `3 * width * height` bytes long.
///
/// # Errors
/// [`HostError::Write`].
pub fn write_png(path: &Path, width: u32, height: u32, rgb: &[u8]) -> Result<(), HostError> {
    let failed = |found: String| HostError::Write {
        path: path.to_owned(),
        found,
    };
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(rgb)?;
            writer.finish()
        })
        .map_err(|error| failed(error.to_string()))?;
    atomic_file::write(path, &picture).map_err(|error| failed(error.to_string()))
}
