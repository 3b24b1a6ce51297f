//! Tables as they are packed in files.

use miniz_oxide::inflate::{
    TINFLStatus,
    core::{
        DecompressorOxide, decompress,
        inflate_flags::{
            TINFL_FLAG_COMPUTE_ADLER32, TINFL_FLAG_PARSE_ZLIB_HEADER,
            TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
        },
    },
};

use crate::model::ModelError;

/// The bytes of a table of which `packed`, a file's whole content, is a zlib stream (RFC 1950) and nothing else. `expected`: how many there are.
///
/// # Errors
/// [`ModelError::Field`], naming what of the file is wrong.
pub(super) fn unpacked(file: &str, packed: &[u8], expected: usize) -> Result<Vec<u8>, ModelError> {
    let mut table = vec![0; expected];
    let flags = TINFL_FLAG_PARSE_ZLIB_HEADER
        | TINFL_FLAG_COMPUTE_ADLER32
        | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut inflater = Box::<DecompressorOxide>::default();
    let (status, read, written) = decompress(&mut inflater, packed, &mut table, 0, flags);
    let length = |found: String| {
        let expected = format!("{expected} bytes, as its card says");
        ModelError::field(file, "(its length)", found, expected)
    };
    let contents =
        |found: &str| ModelError::field(file, "(its contents)", found, "a whole zlib stream");
    match status {
        TINFLStatus::Done if written < expected => Err(length(written.to_string())),
        TINFLStatus::Done if read < packed.len() => {
            let found = format!("{} bytes behind the end", packed.len() - read);
            Err(contents(&found))
        }
        TINFLStatus::Done => Ok(table),
        TINFLStatus::HasMoreOutput => Err(length("longer".to_owned())),
        TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
            Err(contents("cut off"))
        }
        TINFLStatus::Adler32Mismatch => Err(contents("damaged (Adler-32)")),
        TINFLStatus::Failed | TINFLStatus::BadParam => Err(contents("something else")),
        _ => Err(contents("something else")),
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec_zlib;

    use super::*;

    #[test]
    fn a_table_is_the_whole_of_its_file_and_what_is_wrong_is_told() {
        let table: Vec<u8> = (0..5_000u32).map(|n| ((n * n) >> 7) as u8).collect();
        let packed = compress_to_vec_zlib(&table, 9);
        assert_eq!(unpacked("a.bin", &packed, table.len()).unwrap(), table);
        let more = [packed.as_slice(), &[0]].concat();
        let much_more = [packed.as_slice(), &[7; 100_000]].concat();
        let mut damaged = packed.clone();
        *damaged.last_mut().unwrap() ^= 1;
        for (spoiled, length, told) in [
            (&more[..], 5_000, "1 bytes behind the end"),
            (&much_more, 5_000, "100000 bytes behind the end"),
            (&packed[..packed.len() - 1], 5_000, "cut off"),
            (&packed[..100], 5_000, "cut off"),
            (&[], 5_000, "cut off"),
            (&damaged, 5_000, "damaged"),
            (&[0; 1_000], 5_000, "something else"),
            (&packed, 5_001, "is 5000, expected 5001 bytes"),
            (&packed, 4_999, "is longer, expected 4999 bytes"),
        ] {
            let why = unpacked("a.bin", spoiled, length).unwrap_err().to_string();
            assert!(why.contains(told), "{why}");
            assert!(why.ends_with(": write this file again"), "{why}");
        }
    }
}
