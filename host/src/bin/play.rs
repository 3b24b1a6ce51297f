//! `moodring-play`: plays a file through the bundled plugin in real time, with its outputs on, as a host with a project does that was saved so.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use moodring::{audio_file::AudioFile, params::OUTPUT_TAGS};
use moodring_host::{Block, Bundle, MidiEvent, Transport, midi_file};
use serde_json::{Value, json};

/// Frames per block.
const BLOCK: usize = 512;

/// Bytes in front of a state's JSON.
const HEADER: usize = size_of::<u64>();

/// Plays a sound file through the plugin, without a loudspeaker, and lets it send what it hears.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The bundled plugin.
    #[arg(long, default_value = "target/bundled/Moodring.clap")]
    plugin: PathBuf,
    /// Where OSC goes to.
    #[arg(long, default_value = "127.0.0.1:9000")]
    osc: String,
    /// The instance's name.
    #[arg(long, default_value = "")]
    name: String,
    /// Where the song is as it begins, in seconds.
    #[arg(long, default_value_t = 0.0)]
    from: f64,
    /// A Standard MIDI File to write what the plugin sends to, a tick a frame; MIDI is on then, and large words are notes.
    #[arg(long)]
    midi: Option<PathBuf>,
    /// A tag that is sent as MIDI: Tag 1, Tag 2 and so on, `genre=rock` for example.
    #[arg(long = "tag", value_name = "KIND=NAME")]
    tags: Vec<String>,
    /// How long to play, in seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// A sound file, mono or stereo; it is played over and over.
    file: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let input = AudioFile::read(&arguments.file)?;
    let rate = f64::from(input.sample_rate);
    let mut plugin = Bundle::load(&arguments.plugin)?.create_first()?;
    plugin.select_channels(input.channels.len())?;
    let state = plugin.save_state()?;
    plugin.load_state(&switched_on(&state, arguments)?)?;
    let mut processor = plugin.activate(rate, 1, BLOCK)?;
    processor.start()?;
    let begun = Instant::now();
    let mut played = 0;
    let mut sent = Vec::new();
    while (played as f64) < arguments.seconds * rate {
        let block: Vec<Vec<f32>> = input
            .channels
            .iter()
            .map(|channel| {
                channel
                    .iter()
                    .copied()
                    .cycle()
                    .skip(played % channel.len().max(1))
                    .take(BLOCK)
                    .collect()
            })
            .collect();
        let channels: Vec<&[f32]> = block.iter().map(Vec::as_slice).collect();
        let at = Duration::from_secs_f64(played as f64 / rate);
        std::thread::sleep(at.saturating_sub(begun.elapsed()));
        processor.process(&Block {
            frames: BLOCK,
            input: &channels,
            sidechain: &[],
            main_input_only: false,
            events: &[],
            in_place: false,
            transport: Transport::At {
                seconds: arguments.from + at.as_secs_f64(),
                playing: true,
                looped: false,
            },
        })?;
        sent.extend(processor.midi().map(|event| MidiEvent {
            frame: event.frame + played,
            ..event
        }));
        played += BLOCK;
    }
    processor.stop();
    plugin.deactivate(processor);
    if let Some(file) = &arguments.midi {
        let written = std::fs::write(file, midi_file(&sent, rate));
        written.map_err(|why| format!("{}: {why}", file.display()))?;
    }
    Ok(())
}

/// The plugin's own state, with its outputs switched on.
fn switched_on(state: &[u8], arguments: &Arguments) -> Result<Vec<u8>, Box<dyn Error>> {
    // The framework writes the length in front.
    let (_, json) = state
        .split_at_checked(HEADER)
        .ok_or("the plugin's state is empty")?;
    let mut state: Value = serde_json::from_slice(json)?;
    let mut tags = Vec::new();
    for tag in &arguments.tags {
        let (kind, name) = tag
            .split_once('=')
            .ok_or_else(|| format!("--tag {tag}: expected KIND=NAME, such as genre=rock"))?;
        tags.push(json!({"kind": kind, "name": name}));
    }
    tags.resize(OUTPUT_TAGS, Value::Null);
    let midi = json!({"on": arguments.midi.is_some(), "headlines": "notes"});
    let outputs = json!({
        "osc": true,
        "address": arguments.osc,
        "name": arguments.name,
        "tags": tags,
        "midi": midi,
    });
    let fields = state.get_mut("fields").and_then(Value::as_object_mut);
    let fields = fields.ok_or("the plugin's state has no fields")?;
    if !fields.contains_key("outputs") {
        return Err("the plugin's state has no outputs".into());
    }
    fields.insert("outputs".to_owned(), Value::String(outputs.to_string()));
    let json = serde_json::to_vec(&state)?;
    Ok([&(json.len() as u64).to_le_bytes()[..], &json].concat())
}
