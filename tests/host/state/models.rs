//! The models that a project refers to.

use super::*;

/// Models whose Cello sounds otherwise.
fn other_models() -> tempfile::TempDir {
    let folder = models_copy();
    let anchors = folder.path().join("timbre/anchors.json");
    let mut json: Value = serde_json::from_slice(&std::fs::read(&anchors).unwrap()).unwrap();
    for anchor in json["anchors"].as_array_mut().unwrap() {
        for mean in anchor["mean"].as_array_mut().unwrap() {
            *mean = json!(-mean.as_f64().unwrap());
        }
    }
    let text = json.to_string();
    std::fs::write(&anchors, &text).unwrap();
    let card = folder.path().join("timbre/card.json");
    let mut json: Value = serde_json::from_slice(&std::fs::read(&card).unwrap()).unwrap();
    json["files"]["anchors"]["sha256"] = json!(crate::common::sha256(text.as_bytes()));
    std::fs::write(&card, json.to_string()).unwrap();
    folder
}

#[test]
fn a_project_keeps_its_models_even_while_they_are_away() {
    let folder = other_models();
    let mut first = plugin();
    let own = settled(&mut first);
    let with_own = render(&mut first);

    let project = with_models(&own, folder.path());
    let open = |expected: &[Vec<f32>], what: &str| {
        let mut plugin = plugin();
        plugin.load_state(&project).unwrap();
        let output = render(&mut plugin);
        let difference: Vec<Vec<f32>> = output
            .iter()
            .zip(expected)
            .map(|(a, b)| a.iter().zip(b).map(|(a, b)| a - b).collect())
            .collect();
        let json: Value = serde_json::from_slice(&plugin.save_state().unwrap()[8..]).unwrap();
        let kept: ModelReference =
            serde_json::from_str(json["fields"]["models"].as_str().unwrap()).unwrap();
        assert_eq!(kept.folder, folder.path(), "{what}");
        (output, rms_dbfs(&difference))
    };
    let (with_project_s, difference) = open(&with_own, "there");
    assert!(
        difference > -60.0,
        "its own models are used: {difference} dB"
    );

    let away = folder.path().with_extension("away");
    std::fs::rename(folder.path(), &away).unwrap();
    assert!(
        open(&with_own, "away").1 < -200.0,
        "the embedded ones stand in"
    );

    std::fs::rename(&away, folder.path()).unwrap();
    assert!(open(&with_project_s, "back").1 < -200.0, "its own are back");

    let card = folder.path().join("tagger/card.json");
    let mut text = std::fs::read_to_string(&card).unwrap();
    text.push(' ');
    std::fs::write(&card, text).unwrap();
    assert!(
        open(&with_own, "altered").1 < -200.0,
        "the embedded ones stand in"
    );
}

#[test]
fn the_reason_why_models_are_not_used_names_the_file() {
    let folder = other_models();
    let reference = ModelReference::to(folder.path()).unwrap();
    assert!(reference.source().is_ok());
    let card: PathBuf = folder.path().join("timbre/card.json");
    std::fs::write(&card, "{}").unwrap();
    let why = reference.source().unwrap_err().to_string();
    assert!(
        why.contains("timbre") && why.contains("has changed"),
        "{why}"
    );
    std::fs::remove_file(&card).unwrap();
    let why = reference.source().unwrap_err().to_string();
    assert!(why.contains("can't be read"), "{why}");
}
