//! What the open editor costs: the processor time of this process while music plays in real time, with the editor open on
//! each page in a real window drawn by software, less that without an editor. Run it by `cargo xtask bench --editor`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may fail")]
#![allow(unsafe_code, reason = "environment variables are set")]

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use moodring::{
    audio_file::AudioFile,
    editor::{PREFERENCES_VARIABLE, Page, Preferences},
};
use moodring_host::{Block, Bundle, Display, Plugin};
use rustix::time::{ClockId, clock_gettime};

/// Each measurement takes so long.
const TIME: Duration = Duration::from_secs(10);
const FRAMES: usize = 512;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("editor.json");
    // SAFETY: nothing else of this process is running yet.
    let display = unsafe {
        std::env::set_var(PREFERENCES_VARIABLE, &file);
        Display::open()
    }
    .unwrap();
    let bundled = std::env::var_os("MOODRING_BUNDLED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bundled/Moodring.clap"),
        PathBuf::from,
    );
    let excerpt = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/music/war_of_freedom.ogg");
    let audio = AudioFile::read(&excerpt).unwrap();
    let mut plugin = Bundle::load(&bundled).unwrap().create_first().unwrap();

    let closed = share(&mut plugin, &audio);
    println!("closed                {:5.1} % of a core", 100.0 * closed);
    for page in Page::ALL {
        let preferences = Preferences {
            page,
            ..Preferences::default()
        };
        preferences.write(&file).unwrap();
        plugin.open_editor(&display).unwrap();
        let open = share(&mut plugin, &audio) - closed;
        plugin.close_editor();
        println!(
            "{:12} open     {:5.1} % of a core more",
            page.title(),
            100.0 * open
        );
    }
}

/// Plays in real time and returns the processor time of all threads, as a share of the time that passed.
fn share(plugin: &mut Plugin, audio: &AudioFile) -> f64 {
    let rate = f64::from(audio.sample_rate);
    let mut processor = plugin.activate(rate, 1, FRAMES).unwrap();
    let mut block = 0;
    let mut play = |until: Duration| {
        let begun = Instant::now();
        let first = block;
        while begun.elapsed() < until {
            let start = block * FRAMES % (audio.frames() - FRAMES);
            let input: Vec<&[f32]> = audio
                .channels
                .iter()
                .map(|channel| &channel[start..start + FRAMES])
                .collect();
            processor
                .process(&Block {
                    frames: FRAMES,
                    input: &input,
                    ..Block::default()
                })
                .unwrap();
            block += 1;
            plugin.pump().unwrap();
            let due = Duration::from_secs_f64(((block - first) * FRAMES) as f64 / rate);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
    };
    // The first second opens windows and makes font textures.
    play(Duration::from_secs(2));
    let (begun, before) = (Instant::now(), processor_time());
    play(TIME);
    let share = (processor_time() - before).as_secs_f64() / begun.elapsed().as_secs_f64();
    plugin.deactivate(processor);
    share
}

/// User and system time of all threads of this process so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
