//! The folders in which hosts list the parameters: CLAP's module paths, VST3's units.
#![allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]

use std::{collections::BTreeMap, sync::Arc};

use nice_plug::prelude::{ParamPtr, Params};

use super::MoodringParams;

/// The parameters as a host lists them, each in a folder. The framework would number the folder of an array, one for each knob
/// (nice-plug-derive 0.1.2, params.rs).
pub struct Grouped(pub Arc<MoodringParams>);

// SAFETY: the pointers are those of the parameters, which this shares.
unsafe impl Params for Grouped {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        let listed = self.0.param_map().into_iter();
        listed
            .map(|(id, param, _)| {
                let group = group(&id).unwrap_or_default().to_owned();
                (id, param, group)
            })
            .collect()
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        self.0.serialize_fields()
    }

    fn deserialize_fields(&self, fields: &BTreeMap<String, String>) {
        self.0.deserialize_fields(fields);
    }
}

/// The folder of the parameter with that id; `None` for one that has none yet.
fn group(id: &str) -> Option<&'static str> {
    Some(match id {
        _ if id.starts_with("latent_") => "Timbre",
        _ if id.starts_with("steer") => "Steer",
        "morph" | "aim" | "target" | "mapx" | "mapy" | "atob" | "articul" => "Morph",
        "resynth" | "follow" | "smooth" => "Shaping",
        "mix" | "output" | "keeploud" | "bypass" => "Output",
        "average" => "Listen",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_parameter_is_in_a_folder_with_others_or_alone_in_its_own() {
        let grouped = Grouped(Arc::default());
        let listed = grouped.param_map();
        let ungrouped = grouped.0.param_map();
        assert_eq!(listed.len(), ungrouped.len());
        let mut folders = BTreeSet::new();
        for ((id, param, folder), (own, pointer, _)) in listed.into_iter().zip(ungrouped) {
            assert_eq!((&id, param), (&own, pointer));
            assert!(!folder.is_empty(), "{id} is in no folder");
            folders.insert(folder);
        }
        let expected = ["Listen", "Morph", "Output", "Shaping", "Steer", "Timbre"];
        assert!(folders.iter().eq(&expected), "{folders:?}");
    }
}
