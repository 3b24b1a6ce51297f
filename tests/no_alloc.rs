//! `process()` allocates nothing from the first block on: in a build of the plugin whose allocator aborts the process, so
//! each case runs in a child.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod common;

use common::excerpt;
use moodring_host::{Bundle, Render, RenderMode};

/// Says which case a child runs: mode and block size.
const CASE: &str = "MOODRING_CASE";

#[test]
fn process_never_allocates() {
    let Some(path) = std::env::var_os("MOODRING_ALLOC_CHECK") else {
        println!("skipped: MOODRING_ALLOC_CHECK is not set (cargo xtask test sets it)");
        return;
    };
    if let Ok(case) = std::env::var(CASE) {
        let (mode, block) = case.split_once(' ').unwrap();
        let audio = excerpt(if block == "1" { 1.0 } else { 4.0 });
        let mut plugin = Bundle::load(path).unwrap().create_first().unwrap();
        let events = [
            plugin.set_at(100, "Brightness", "+2").unwrap(),
            plugin.set_at(20_000, "Morph", "80 %").unwrap(),
            plugin.set_at(30_000, "Bypass", "On").unwrap(),
        ];
        Render {
            block_sizes: vec![block.parse().unwrap()],
            mode: if mode == "offline" {
                RenderMode::Offline
            } else {
                RenderMode::Realtime
            },
            ..Render::offline(44_100.0)
        }
        .run(&mut plugin, &audio.channels, &events)
        .unwrap();
        return;
    }
    for mode in ["realtime", "offline"] {
        for block in ["1", "64", "441", "4096"] {
            let output = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "process_never_allocates"])
                .env(CASE, format!("{mode} {block}"))
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{mode}, blocks of {block}: {}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}
