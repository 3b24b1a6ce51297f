//! Signal safety: whatever comes in and whatever is turned, what goes out is finite, bounded and free of clicks, and it
//! ends when the plugin says so.

mod cancel;
mod clicks;
mod onsets;
mod steady;
mod times;
mod wrap;

use crate::common::{excerpt, null_dbfs, plugin, set};
use moodring::dsp::{LARGEST_SAMPLE, StftLayout};
use moodring_host::{Plugin, Render};

const RATE: f64 = 48_000.0;

/// What the latency is reckoned with: the pilot model's window at its own rate.
fn layout(rate: f64) -> StftLayout {
    StftLayout::for_rate(rate, 48_000.0, 2048)
}

/// In Studio so many hops are listened ahead.
const LOOKAHEAD: usize = 5;

/// How long after a sample nothing tells of it any more, in samples: until the last frame that it is in, until that one's filter takes over, until it
/// has faded out again, and two hops more in which its peaks count.
fn settled(layout: &StftLayout) -> usize {
    layout.window + (layout.wait + LOOKAHEAD + 4) * layout.hop
}

/// A mono instance with these parameters, set before it is activated.
fn mono(settings: &[(&str, &str)]) -> Plugin {
    let mut plugin = plugin();
    plugin.select_channels(1).unwrap();
    set(&mut plugin, settings);
    plugin
}

/// An offline render of a mono signal with fixed settings, latency included.
fn render(settings: &[(&str, &str)], input: &[f32]) -> Vec<f32> {
    let mut rendered = Render::offline(RATE)
        .run(&mut mono(settings), &[input.to_vec()], &[])
        .unwrap();
    rendered.output.remove(0)
}

fn music(seconds: f64) -> Vec<f32> {
    excerpt(seconds).channels.remove(0)
}

/// White noise, the same each time.
pub fn noise(len: usize, amplitude: f32) -> Vec<f32> {
    let mut state = 1u32;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            amplitude * (2.0 * (state as f32 / u32::MAX as f32) - 1.0)
        })
        .collect()
}

fn peak(samples: &[f32]) -> f32 {
    samples
        .iter()
        .fold(0.0, |peak, sample| peak.max(sample.abs()))
}

fn db(ratio: f32) -> f32 {
    20.0 * ratio.max(1e-20).log10()
}

/// Settings with a shape of its own that remembers nothing, so that what comes back can be compared to the bit. A drum has no player,
/// which would remember the notes.
const NO_MEMORY: &[(&str, &str)] = &[
    ("Brightness", "+2"),
    ("Target", "Kick drum"),
    ("Morph", "40 %"),
    ("Resynthesis", "30 %"),
    ("Smoothing", "0 ms"),
];

/// Half a second of each thing that no one should send, by name.
fn horrors() -> Vec<(&'static str, Vec<f32>)> {
    let len = 24_000;
    let alternating = |value: f32| -> Vec<f32> {
        (0..len)
            .map(|n| if n % 2 == 0 { value } else { -value })
            .collect()
    };
    let clicks = |period: usize, value: f32| -> Vec<f32> {
        (0..len)
            .map(|n| if n % period == 0 { value } else { 0.0 })
            .collect()
    };
    let square = (0..len)
        .map(|n| if n / 109 % 2 == 0 { 1.0 } else { -1.0 })
        .collect();
    vec![
        ("NaN", vec![f32::NAN; len]),
        ("infinity", vec![f32::INFINITY; len]),
        ("minus infinity", vec![f32::NEG_INFINITY; len]),
        ("+-1e30", alternating(1e30)),
        ("noise of 1e30", noise(len, 1e30)),
        ("largest numbers", vec![f32::MAX; len]),
        ("denormals", vec![1e-40; len]),
        ("denormal noise", noise(len, 1e-38)),
        ("tiny noise", noise(len, 1e-18)),
        ("direct current", vec![1.0; len]),
        ("silence", vec![0.0; len]),
        ("negative zero", vec![-0.0; len]),
        ("Nyquist frequency", alternating(1.0)),
        ("full-scale square", square),
        ("full-scale noise", noise(len, 1.0)),
        ("clicks", clicks(601, 1.0)),
        ("NaN clicks", clicks(601, f32::NAN)),
        ("loud clicks", clicks(601, 1e30)),
    ]
}

/// The bound, as `docs/measured.md` states it: the input's peak without what isn't finite, held at +60 dBFS, plus the curve's greatest gain (24 dB, none with
/// neutral knobs), plus Output. Filtering moves peaks, hence 6 dB more.
#[test]
fn output_is_finite_and_within_6_db_of_the_stated_bound() {
    /// The greatest gain of a curve, in dB.
    const CURVE: f32 = 24.0;
    let settings: [(&[(&str, &str)], f32); 5] = [
        (&[], 0.0),
        (&[("Brightness", "+3"), ("Noise", "+3")], CURVE),
        (
            &[
                ("Morph", "100 %"),
                ("Resynthesis", "100 %"),
                ("Output", "-12 dB"),
            ],
            CURVE - 12.0,
        ),
        (
            &[
                ("Brightness", "+3"),
                ("Resynthesis", "100 %"),
                ("Keep Loudness", "Off"),
                ("Output", "24 dB"),
            ],
            CURVE + 24.0,
        ),
        (
            &[
                ("Body", "-3"),
                ("Spread", "+3"),
                ("Keep Loudness", "Off"),
                ("Mix", "50 %"),
            ],
            CURVE,
        ),
    ];
    let before = music(0.5);
    let mut nearest = f32::MIN;
    for (name, horror) in horrors() {
        for (settings, gain) in settings {
            let mut input = before.clone();
            input.extend(&horror);
            input.extend(&before);
            let cleaned: Vec<f32> = input
                .iter()
                .map(|sample| if sample.is_finite() { *sample } else { 0.0 })
                .collect();
            let bound = db(peak(&cleaned).min(LARGEST_SAMPLE)) + gain;
            let output = render(settings, &input);
            assert!(
                output.iter().all(|sample| sample.is_finite()),
                "{name}, {settings:?}"
            );
            let over = db(peak(&output)) - bound;
            nearest = nearest.max(over);
            assert!(
                over <= 6.0,
                "{name}, {settings:?}: {over:+.1} dB over the bound"
            );
        }
    }
    println!(
        "{} signals, largest {nearest:+.1} dB from the bound",
        horrors().len()
    );
}

/// Whatever plays at the sidechain, only its timbre comes through: the bound is that of the input.
#[test]
fn a_bad_sidechain_leaves_the_output_finite_and_within_its_bound() {
    let input = music(1.5);
    let bound = db(peak(&input)) + 24.0 + 6.0;
    for (name, horror) in horrors() {
        let mut sidechain = music(0.5);
        sidechain.extend(&horror);
        sidechain.resize(input.len(), 0.1);
        for resynthesis in ["0 %", "100 %"] {
            let mut plugin = mono(&[
                ("Morph To", "Sidechain"),
                ("Morph", "100 %"),
                ("Resynthesis", resynthesis),
            ]);
            let rendered = Render {
                sidechain: vec![sidechain.clone()],
                ..Render::offline(RATE)
            }
            .run(&mut plugin, std::slice::from_ref(&input), &[])
            .unwrap();
            let output = &rendered.output[0];
            assert!(output.iter().all(|sample| sample.is_finite()), "{name}");
            assert!(db(peak(output)) <= bound, "{name}: {}", db(peak(output)));
        }
    }
}

/// See [`settled`].
#[test]
fn sound_is_back_to_the_bit_one_window_after_bad_input() {
    let clean = music(3.0);
    let start = 30_011;
    let settled = settled(&layout(RATE));
    for settings in [&[][..], NO_MEMORY] {
        let expected = render(settings, &clean);
        for (name, horror) in horrors() {
            let end = start + horror.len();
            let mut input = clean.clone();
            input[start..end].copy_from_slice(&horror);
            let output = render(settings, &input);
            let back = end + settled;
            let wrong = (back..output.len()).rfind(|n| output[*n] != expected[*n]);
            assert_eq!(wrong.map(|n| n - end), None, "{name}, {settings:?}");
            assert!(
                name == "silence" || output[end..back] != expected[end..back],
                "{name} was not heard at all"
            );
        }
    }
}

/// With Smoothing the latent glides back, at the pace that was asked for: by 60 dB in seven time constants.
#[test]
fn a_smoothed_shape_is_back_at_the_pace_of_the_smoothing() {
    let clean = music(3.0);
    let settings = [("Brightness", "+2"), ("Smoothing", "60 ms")];
    let expected = render(&settings, &clean);
    let (start, len) = (30_011, 4_800);
    for (name, horror) in horrors() {
        let end = start + len;
        let mut input = clean.clone();
        input[start..end].copy_from_slice(&horror[..len]);
        let output = render(&settings, &input);
        let back = end + settled(&layout(RATE)) + 7 * 60 * 48;
        let null = null_dbfs(&[output[back..].to_vec()], &[expected[back..].to_vec()], 0);
        println!("{name}: {null:.1} dBFS");
        assert!(null <= -60.0, "{name}: {null} dBFS");
    }
}

/// One wrong sample at each of the 512 places in a hop, far enough apart that each has passed before the next.
#[test]
fn a_click_at_every_position_of_a_hop_passes_within_a_window() {
    let layout = layout(RATE);
    let (window, hop) = (layout.window, layout.hop);
    let latency = layout.latency() + LOOKAHEAD * hop;
    let spacing = 4 * window + 1;
    assert_eq!(spacing % hop, 1);
    let clean: Vec<f32> = music(30.0)
        .into_iter()
        .cycle()
        .take((hop + 1) * spacing)
        .collect();
    let expected = render(NO_MEMORY, &clean);
    for value in [f32::NAN, 1e30] {
        let mut input = clean.clone();
        for click in 0..hop {
            input[click * spacing + window] = value;
        }
        let output = render(NO_MEMORY, &input);
        assert!(output.iter().all(|sample| sample.is_finite()));
        for click in 0..hop {
            let passed = click * spacing + window + settled(&layout);
            let next = ((click + 1) * spacing + latency).min(output.len());
            assert!(
                output[passed..next] == expected[passed..next],
                "{value} at {click} in its hop"
            );
        }
    }
}
