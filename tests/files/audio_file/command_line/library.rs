//! `moodring tag` on many files: what it writes down, how it goes on, and what it writes into the files.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

const MUSIC: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/music/war_of_freedom.ogg"
);

/// A folder of four sound files, one of them no sound, and one that is none by its name.
fn library() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("deep")).unwrap();
    fs::copy(case("good.wav"), at("good.wav")).unwrap();
    fs::copy(MUSIC, at("deep/rock, \"live\".ogg")).unwrap();
    fs::copy(fixture("tone.flac"), at("deep/tone.flac")).unwrap();
    fs::copy(case("bad.mp3"), at("bad.mp3")).unwrap();
    fs::write(at("cover.jpg"), "no sound").unwrap();
    folder
}

/// What `tag` gives on a folder, with these arguments.
fn tag(folder: &Path, arguments: &[&str]) -> Output {
    let arguments = [&["tag", path(folder)], arguments].concat();
    moodring(&arguments).output().unwrap()
}

/// Each file's record, by the end of its name.
fn by_file(folder: &Path, records: impl IntoIterator<Item = Value>) -> BTreeMap<String, Value> {
    let named = records.into_iter().map(|record| {
        let file = Path::new(record["file"].as_str().unwrap());
        let file = file.strip_prefix(folder).unwrap();
        (path(file).to_owned(), record)
    });
    named.collect()
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let lines = text(bytes).lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_folder_is_searched_and_each_file_is_summed_up_in_every_format() {
    let folder = library();
    let jsonl = tag(folder.path(), &["--format", "jsonl", "--jobs", "3"]);
    assert!(complaint(&jsonl).contains("bad.mp3"), "{jsonl:?}");
    let summaries = by_file(folder.path(), lines(&jsonl.stdout));
    let names: Vec<_> = summaries.keys().map(String::as_str).collect();
    let song = "deep/rock, \"live\".ogg";
    assert_eq!(names, [song, "deep/tone.flac", "good.wav"]);
    let rock = &summaries[song];
    // One each second, the first after half of one.
    assert_eq!(rock["answers"], 25);
    assert!((rock["seconds"].as_f64().unwrap() - 25.0).abs() < 0.5);
    for kind in ["genre", "instrument", "mood", "feel"] {
        let tags = rock["tags"][kind].as_object().unwrap();
        assert!(tags.values().all(|value| {
            let value = value.as_f64().unwrap();
            (0.0..=1.0).contains(&value)
        }));
    }
    let strongest = rock["strongest"].as_array().unwrap();
    assert!(strongest.len() >= 3, "{rock}");

    // The mean is that of the answers, though every second one is left out of a summary.
    let every = tag(
        folder.path(),
        &["--format", "jsonl", "--every", "--jobs", "1"],
    );
    let answers = lines(&every.stdout);
    let own = answers
        .iter()
        .filter(|answer| answer["file"] == rock["file"]);
    assert_eq!(own.clone().count(), 50);
    let arousal: f64 = own
        .map(|answer| answer["arousal"].as_f64().unwrap_or_default())
        .sum();
    let mean = rock["arousal"].as_f64().unwrap_or_default();
    // Each of them is averaged over four seconds already.
    assert!((arousal / 50.0 - mean).abs() < 0.3, "{arousal} {mean}");

    let json = tag(folder.path(), &["--format", "json"]);
    let all: Vec<Value> = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(by_file(folder.path(), all), summaries);

    let csv = tag(folder.path(), &["--format", "csv"]);
    let mut rows = csv::Reader::from_reader(&csv.stdout[..]);
    let header = rows.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let file = Path::new(&row[0]).strip_prefix(folder.path()).unwrap();
        let summary = &summaries[path(file)];
        let rock: f64 = row[column("genre: rock")].parse().unwrap_or_default();
        let expected = summary["tags"]["genre"]["rock"].as_f64();
        assert!((rock - expected.unwrap_or_default()).abs() < 1e-4);
        assert_eq!(row[column("answers")], summary["answers"].to_string());
        let genre = summary["headlines"]["genre"].as_str().unwrap_or_default();
        assert_eq!(&row[column("genre")], genre);
    }

    let table = tag(folder.path(), &[]);
    let words = text(&table.stdout);
    assert!(
        words.contains("genre: ") && words.contains("good.wav\n"),
        "{words}"
    );
}

/// Noise in a wav of 16 bits, mono at 8 kHz.
fn noise(file: &Path, seconds: u32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(file, spec).unwrap();
    let mut dice = 1_u32;
    for _ in 0..8_000 * seconds {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writer.write_sample((dice >> 18) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

/// The most memory that a program has had at a time, in MB, which must end well.
#[cfg(target_os = "linux")]
fn peak_mb(command: &mut Command) -> f64 {
    let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = silent.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0;
    // What the system says at the end has the parent's memory in it.
    let ended = loop {
        let said = fs::read_to_string(&status).unwrap_or_default();
        let line = said.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak = f64::max(peak, kilobytes.unwrap_or(0.0) / 1e3);
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert!(ended.success(), "{ended}");
    assert!(peak > 1.0);
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn twenty_minutes_take_no_more_memory_than_ten_seconds() {
    let folder = TempDir::new().unwrap();
    let (short, long) = (
        folder.path().join("short.wav"),
        folder.path().join("long.wav"),
    );
    noise(&short, 10);
    noise(&long, 20 * 60);
    for arguments in [&["--format", "jsonl"][..], &["--format", "csv", "--every"]] {
        let of = |file: &Path| peak_mb(&mut moodring(&[&["tag", path(file)], arguments].concat()));
        let (short, long) = (of(&short), of(&long));
        // The long file alone is 19 MB, and what is heard of it 150.
        assert!(long < short + 4.0, "{short} MB and {long} MB");
        println!("memory: 10 s {short:.1} MB, 20 minutes {long:.1} MB");
    }
}

#[test]
fn a_broken_file_has_a_record_if_that_is_asked_for() {
    let folder = library();
    let broken = path(&folder.path().join("bad.mp3")).to_owned();
    for arguments in [
        &["--format", "jsonl"][..],
        &["--format", "jsonl", "--every"],
    ] {
        let plain = tag(folder.path(), arguments);
        let with = tag(folder.path(), &[arguments, &["--errors"]].concat());
        let of_it = |output: &Output| {
            let why = complaint(output).to_owned();
            assert!(why.contains("bad.mp3"), "{why}");
            let records = lines(&output.stdout).into_iter();
            let own: Vec<_> = records.filter(|record| record["file"] == broken).collect();
            (own, why)
        };
        assert_eq!(of_it(&plain).0, [] as [Value; 0]);
        let (records, told) = of_it(&with);
        assert_eq!(records.len(), 1);
        let why = records[0]["error"].as_str().unwrap();
        assert!(told.ends_with(&format!("{why}\n")), "{why}");
    }
    for arguments in [&["--format", "csv"][..], &["--format", "csv", "--every"]] {
        let output = tag(folder.path(), &[arguments, &["--errors"]].concat());
        let mut rows = csv::Reader::from_reader(&output.stdout[..]);
        let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
        let row = rows.iter().find(|row| row[0] == *broken).unwrap();
        assert!(
            row.iter()
                .any(|field| field == "error" || field.contains("bad.mp3: "))
        );
    }

    // With its record it is done.
    let out = TempDir::new().unwrap();
    let file = out.path().join("music.jsonl");
    let arguments = ["--format", "jsonl", "--errors", "-o", path(&file)];
    complaint(&tag(folder.path(), &arguments));
    let written = fs::read_to_string(&file).unwrap();
    ok(&tag(
        folder.path(),
        &[&arguments[..], &["--skip-done"]].concat(),
    ));
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
}

#[test]
fn a_library_s_page_is_the_same_from_a_folder_and_from_what_tag_has_written() {
    let folder = library();
    let out = TempDir::new().unwrap();
    let [listing, one, other] =
        ["music.jsonl", "one.html", "other.html"].map(|name| out.path().join(name));
    let arguments = ["--format", "jsonl", "--errors", "-o", path(&listing)];
    complaint(&tag(folder.path(), &arguments));
    let heard = moodring(&["report", path(folder.path()), "-o", path(&one)])
        .output()
        .unwrap();
    assert!(complaint(&heard).contains("bad.mp3"), "{heard:?}");
    ok_with_path(
        &moodring(&["report", path(&listing), "-o", path(&other)])
            .output()
            .unwrap(),
    );
    let data = |page: &Path| -> Value {
        let page = fs::read_to_string(page).unwrap();
        let (_, data) = page.split_once("id=\"data\">").unwrap();
        serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap()
    };
    let (one, other) = (data(&one), data(&other));
    assert_eq!(one["songs"], other["songs"]);
    assert_eq!(one["folder"], path(folder.path()));
    let names: Vec<_> = one["songs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|song| &song["file"])
        .collect();
    assert_eq!(
        names,
        [
            "bad.mp3",
            "deep/rock, \"live\".ogg",
            "deep/tone.flac",
            "good.wav"
        ]
    );

    // Other lines are refused, and no page is begun.
    fs::write(&listing, "{\"song\":1}\n").unwrap();
    let page = out.path().join("none.html");
    let refused = moodring(&["report", path(&listing), "-o", path(&page)])
        .output()
        .unwrap();
    assert!(complaint(&refused).contains("line 1"), "{refused:?}");
    assert!(!page.exists());
}

#[test]
fn a_report_replaces_a_report_and_nothing_else() {
    let out = TempDir::new().unwrap();
    let [listing, page] = ["music.jsonl", "page.html"].map(|name| out.path().join(name));
    let line = "{\"error\":\"damaged\",\"file\":\"a.wav\"}\n";
    fs::write(&listing, line).unwrap();
    let report = |output: &Path| {
        moodring(&["report", path(&listing), "-o", path(output)])
            .output()
            .unwrap()
    };
    ok_with_path(&report(&page));
    ok_with_path(&report(&page));
    let refused = report(&listing);
    assert!(
        complaint(&refused).contains("name another file"),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(&listing).unwrap(), line);
}

/// It has ended well, and has said which page it has written.
fn ok_with_path(output: &Output) {
    ok(output);
    assert!(text(&output.stdout).ends_with(".html\n"), "{output:?}");
}

#[test]
fn a_run_goes_on_where_it_was_ended() {
    let folder = library();
    let out = TempDir::new().unwrap();
    for format in ["jsonl", "csv"] {
        let file = out.path().join(format);
        let arguments = ["--format", format, "--jobs", "2", "-o", path(&file)];
        let whole = tag(folder.path(), &arguments);
        assert_eq!(whole.status.code(), Some(1), "{whole:?}");
        let written = fs::read_to_string(&file).unwrap();

        // It is never written over.
        let again = tag(folder.path(), &arguments);
        assert!(complaint(&again).contains("--skip-done"), "{again:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), written);

        // As a process that is killed leaves it: the last record is cut.
        fs::write(&file, &written[..written.len() - 9]).unwrap();
        let go_on = [&arguments[..], &["--skip-done"]].concat();
        let more = tag(folder.path(), &go_on);
        assert!(complaint(&more).contains("bad.mp3"), "{more:?}");
        let sorted = |text: &str| {
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        let after = fs::read_to_string(&file).unwrap();
        assert_eq!(sorted(&after), sorted(&written), "{format}");

        // What is done isn't read: it could not be by now.
        fs::write(folder.path().join("good.wav"), "gone").unwrap();
        complaint(&tag(folder.path(), &go_on));
        assert_eq!(fs::read_to_string(&file).unwrap(), after);
        fs::copy(case("good.wav"), folder.path().join("good.wav")).unwrap();
    }
    for wrong in [
        &["--skip-done"][..],
        &["--yes"],
        &["--jobs", "0"],
        &["--skip-done", "-o", "none.json", "--format", "json"],
    ] {
        assert!(!tag(folder.path(), wrong).status.success(), "{wrong:?}");
    }
}

#[test]
fn genre_and_mood_are_written_into_the_file_and_the_sound_stays() {
    let folder = TempDir::new().unwrap();
    let song = folder.path().join("song.ogg");
    fs::copy(MUSIC, &song).unwrap();
    let before = fs::read(&song).unwrap();
    let sound = AudioFile::read(&song).unwrap();
    let record = |arguments: &[&str]| {
        let arguments = [&["tag", "--format", "jsonl", "--write-tags"], arguments].concat();
        let output = moodring(&[&arguments[..], &[path(&song)]].concat())
            .output()
            .unwrap();
        ok(&output);
        lines(&output.stdout).remove(0)
    };
    let field = |record: &Value, field: &str| {
        let changes = record["metadata"].as_array().unwrap();
        changes
            .iter()
            .find(|change| change["field"] == field)
            .cloned()
    };

    // A dry run.
    let dry = record(&["--replace"]);
    let genre = field(&dry, "genre").unwrap();
    assert_eq!(genre["after"], dry["headlines"]["genre"], "{dry}");
    assert_eq!(genre["written"], false);
    assert_eq!(fs::read(&song).unwrap(), before);

    let written = record(&["--replace", "--yes"]);
    assert_eq!(field(&written, "genre").unwrap()["written"], true);
    assert!(fs::read(&song).unwrap() != before);
    assert_eq!(AudioFile::read(&song).unwrap(), sound);
    assert_eq!(names(folder.path()), ["song.ogg"]);

    // It is there now, and what is there stays.
    let after = fs::read(&song).unwrap();
    let again = record(&["--yes"]);
    assert_eq!(field(&again, "genre"), None, "{again}");
    assert_eq!(fs::read(&song).unwrap(), after);
}
