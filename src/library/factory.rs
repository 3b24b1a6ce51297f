//! The presets in the plugin file itself, each named for what it does to the sound.

use std::sync::LazyLock;

use super::{Kept, Preset};

/// The files, in the menu's order, each with the permanent id that projects and hosts refer to.
const FILES: [(&str, &str); 12] = [
    ("darker", include_str!("factory/darker.json")),
    ("warmer", include_str!("factory/warmer.json")),
    ("air-on-top", include_str!("factory/air-on-top.json")),
    ("underwater", include_str!("factory/underwater.json")),
    ("telephone", include_str!("factory/telephone.json")),
    ("bass-shadow", include_str!("factory/bass-shadow.json")),
    ("brass-band", include_str!("factory/brass-band.json")),
    ("choir-halo", include_str!("factory/choir-halo.json")),
    (
        "string-section",
        include_str!("factory/string-section.json"),
    ),
    ("organ-loft", include_str!("factory/organ-loft.json")),
    ("bell-tower", include_str!("factory/bell-tower.json")),
    ("frozen", include_str!("factory/frozen.json")),
];

/// A preset that Moodring comes with.
#[derive(Debug)]
pub struct FactoryPreset {
    /// Its permanent id.
    pub id: &'static str,
    /// What it is.
    pub preset: Preset,
}

/// The presets that Moodring comes with, in the menu's order. All of them, unless the build embedded a broken one, which a
/// test rules out.
pub fn factory_presets() -> &'static [FactoryPreset] {
    static PRESETS: LazyLock<Vec<FactoryPreset>> = LazyLock::new(|| {
        FILES
            .iter()
            .filter_map(|(id, text)| {
                let preset = Preset::parse(id, text.as_bytes()).ok()?;
                Some(FactoryPreset { id, preset })
            })
            .collect()
    });
    &PRESETS
}
