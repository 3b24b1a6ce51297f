//! Where a user's presets, timbres, models and readouts are.

use std::{ffi::OsString, path::PathBuf};

/// Names another folder for the user's presets, timbres and models than the one in the user's folder of data.
pub const LIBRARY_VARIABLE: &str = "MOODRING_LIBRARY";

/// The folder that [`LIBRARY_VARIABLE`] names, or else `moodring` in the folder that the system has for the data of
/// applications; `None` where it has none. Any thread but the audio thread.
pub fn user_folder() -> Option<PathBuf> {
    chosen(std::env::var_os(LIBRARY_VARIABLE), dirs::data_dir())
}

/// Where saved readouts and logs of sessions go: `Moodring` in the user's folder of documents; `None` where the system names none.
pub fn documents_folder() -> Option<PathBuf> {
    dirs::document_dir()
        .or_else(dirs::home_dir)
        .map(|folder| folder.join("Moodring"))
}

fn chosen(named: Option<OsString>, data: Option<PathBuf>) -> Option<PathBuf> {
    named
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(data?.join("moodring")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_comes_before_the_systems_and_an_empty_name_is_none() {
        let data = Some(PathBuf::from("/data"));
        let systems = Some(PathBuf::from("/data/moodring"));
        assert_eq!(
            chosen(Some("/mine".into()), data.clone()),
            Some("/mine".into())
        );
        assert_eq!(chosen(Some("".into()), data.clone()), systems);
        assert_eq!(chosen(None, data), systems);
        assert_eq!(chosen(Some("/mine".into()), None), Some("/mine".into()));
        assert_eq!(chosen(None, None), None);
    }
}
