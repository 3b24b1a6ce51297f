//! Signal safety: whatever comes in and whatever is turned, what goes out is finite, bounded and free of clicks, and it
//! ends when the plugin says so.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod common;

use common::{excerpt, null_dbfs, plugin};
use moodring::{
    audio_file::AudioFile,
    dsp::{LARGEST_SAMPLE, StftLayout},
};
use moodring_host::{Block, ParamEvent, Plugin, Render, RenderMode, TailLength};

const RATE: f64 = 48_000.0;

/// What the latency is reckoned with: the pilot model's window at its own rate.
fn layout(rate: f64) -> StftLayout {
    StftLayout::for_rate(rate, 48_000.0, 2048)
}

/// A mono instance with these parameters, set before it is activated.
fn mono(settings: &[(&str, &str)]) -> Plugin {
    let mut plugin = plugin();
    plugin.select_channels(1).unwrap();
    let events: Vec<ParamEvent> = settings
        .iter()
        .map(|(name, text)| plugin.set_at(0, name, text).unwrap())
        .collect();
    plugin.flush(&events).unwrap();
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

fn noise(len: usize, amplitude: f32) -> Vec<f32> {
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

/// The bound, as the README states it: the input's peak, held at +60 dBFS, plus the curve's greatest gain (24 dB, none with
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
                .map(|sample| if sample.is_nan() { 0.0 } else { *sample })
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

/// Settings with a shape of its own that remembers nothing, so that what comes back can be compared to the bit.
const NO_MEMORY: &[(&str, &str)] = &[
    ("Brightness", "+2"),
    ("Morph", "40 %"),
    ("Resynthesis", "30 %"),
    ("Smoothing", "0 ms"),
];

/// What is turned acts on each channel as it would on that channel alone, whatever the phase between them: one curve for
/// both, made of their powers.
#[test]
fn channels_that_cancel_are_shaped_like_channels_in_phase() {
    let left = music(2.0);
    let inverted: Vec<f32> = left.iter().map(|sample| -sample).collect();
    let stereo = |right: &[f32], sidechain: Vec<Vec<f32>>, settings: &[(&str, &str)]| {
        let mut plugin = plugin();
        let events: Vec<ParamEvent> = settings
            .iter()
            .map(|(name, text)| plugin.set_at(0, name, text).unwrap())
            .collect();
        plugin.flush(&events).unwrap();
        let render = Render {
            sidechain,
            ..Render::offline(RATE)
        };
        let input = [left.clone(), right.to_vec()];
        render.run(&mut plugin, &input, &[]).unwrap().output
    };
    let in_phase = stereo(&left, vec![], NO_MEMORY);
    assert_ne!(in_phase, stereo(&left, vec![], &[]), "nothing is turned");
    let cancelling = stereo(&inverted, vec![], NO_MEMORY);
    assert!(cancelling[0] == in_phase[0]);
    assert!(
        cancelling[1]
            .iter()
            .zip(&in_phase[1])
            .all(|(a, b)| *a == -b)
    );

    let beside = noise(left.len(), 0.5);
    let against: Vec<f32> = beside.iter().map(|sample| -sample).collect();
    let led = [
        ("Morph To", "Sidechain"),
        ("Morph", "100 %"),
        ("Resynthesis", "100 %"),
    ];
    let silent = stereo(&left, vec![], &led);
    let in_phase = stereo(&left, vec![beside.clone(), beside.clone()], &led);
    assert!(in_phase != silent, "the sidechain isn't heard");
    assert!(stereo(&left, vec![beside, against], &led) == in_phase);
}

/// The command line hears what the plugin hears: the channels' powers, without an offset.
#[test]
fn the_command_line_hears_channels_that_cancel_and_no_offset() {
    let audio = excerpt(4.0);
    let (left, sample_rate) = (&audio.channels[0], audio.sample_rate);
    let changed =
        |change: &dyn Fn(f32) -> f32| -> Vec<f32> { left.iter().map(|x| change(*x)).collect() };
    let folder = tempfile::tempdir().unwrap();
    let answers = |channels: Vec<Vec<f32>>| {
        let path = folder.path().join("sound.wav");
        let audio = AudioFile {
            sample_rate,
            channels,
        };
        audio.write_wav(&path).unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_moodring"))
            .args(["tag".as_ref(), path.as_os_str()])
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let alone = answers(vec![left.clone()]);
    assert!(alone.contains("live"), "{alone}");
    for (what, channels) in [
        ("in phase", vec![left.clone(); 2]),
        ("cancelling", vec![left.clone(), changed(&|x| -x)]),
        ("with an offset", vec![changed(&|x| x + 0.1); 2]),
        (
            "with opposite offsets",
            vec![changed(&|x| x + 0.2), changed(&|x| x - 0.2)],
        ),
    ] {
        assert_eq!(answers(channels), alone, "{what}");
    }
}

/// A sample is in frames that end up to a window later, and those come out after the latency: from then on nothing may
/// tell that there was anything wrong.
#[test]
fn sound_is_back_to_the_bit_one_window_after_bad_input() {
    let clean = music(3.0);
    let start = 30_011;
    let settled = layout(RATE).latency() + layout(RATE).window;
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
        let back = end + layout(RATE).latency() + layout(RATE).window + 7 * 60 * 48;
        let null = null_dbfs(&[output[back..].to_vec()], &[expected[back..].to_vec()], 0);
        println!("{name}: {null:.1} dBFS");
        assert!(null <= -60.0, "{name}: {null} dBFS");
    }
}

/// One wrong sample at each of the 512 places in a hop, far enough apart that each has passed before the next.
#[test]
fn a_click_at_every_position_of_a_hop_passes_within_a_window() {
    let layout = layout(RATE);
    let (window, hop, latency) = (layout.window, layout.hop, layout.latency());
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
            let passed = click * spacing + 2 * window + latency;
            let next = ((click + 1) * spacing + latency).min(output.len());
            assert!(
                output[passed..next] == expected[passed..next],
                "{value} at {click} in its hop"
            );
        }
    }
}

/// A chord without harmonics that a step could hide behind: all of it below 700 Hz.
fn chord(seconds: f64) -> Vec<f32> {
    (0..(seconds * RATE) as usize)
        .map(|n| {
            let time = n as f64 / RATE;
            let sine = |hz: f64| (std::f64::consts::TAU * hz * time).sin();
            (0.1 * (sine(220.0) + sine(331.0) + sine(657.0))) as f32
        })
        .collect()
}

/// The largest second difference: about the squared frequency for a tone, the step itself for a click.
fn roughness(samples: &[f32]) -> f32 {
    samples
        .windows(3)
        .map(|three| (three[2] - 2.0 * three[1] + three[0]).abs())
        .fold(0.0, f32::max)
}

/// A parameter's name and what it is set to.
type Setting = (&'static str, &'static str);

/// A parameter that is turned to and fro between two settings, with what else must be set for it to be heard.
struct Turn {
    name: String,
    ends: [&'static str; 2],
    besides: &'static [Setting],
}

impl Turn {
    /// The settings at one end.
    fn at(&self, end: usize) -> Vec<(&str, &str)> {
        let mut settings: Vec<(&str, &str)> = self.besides.to_vec();
        settings.push((&self.name, self.ends[end]));
        settings
    }
}

/// Everything that can be turned.
fn turns() -> Vec<Turn> {
    const SHAPED: &[Setting] = &[("Brightness", "+2"), ("Keep Loudness", "Off")];
    const MAPPED: &[Setting] = &[("Morph To", "Map"), ("Morph", "100 %")];
    const UNKEPT: &[Setting] = &[("Keep Loudness", "Off")];
    let turn = |name: &str, ends, besides| Turn {
        name: name.to_owned(),
        ends,
        besides,
    };
    let mut turns = vec![
        turn("Bypass", ["Off", "On"], SHAPED),
        turn("Mix", ["0 %", "100 %"], SHAPED),
        turn("Output", ["-24 dB", "0 dB"], &[]),
        turn("Output", ["0 dB", "24 dB"], &[]),
        turn("Keep Loudness", ["Off", "On"], &[("Brightness", "+2")]),
        turn("Resynthesis", ["0 %", "100 %"], &[]),
        turn("Morph", ["0 %", "100 %"], &[("Target", "Cello")]),
        turn("Target", ["Flute", "Cello"], &[("Morph", "100 %")]),
        turn("Follow", ["0 %", "100 %"], &[("Resynthesis", "50 %")]),
        turn("Smoothing", ["0 ms", "1000 ms"], SHAPED),
        turn("Averaging", ["1 s", "30 s"], SHAPED),
        turn("Morph To", ["Named Timbre", "Map"], &[("Morph", "100 %")]),
        turn("Morph To", ["Map", "A to B"], &[("Morph", "100 %")]),
        turn("Morph To", ["Sidechain", "Map"], &[("Morph", "100 %")]),
        turn("Map X", ["-1", "1"], MAPPED),
        turn("Map Y", ["-1", "1"], MAPPED),
        turn(
            "A to B",
            ["0 %", "100 %"],
            &[("Morph To", "A to B"), ("Morph", "100 %")],
        ),
    ];
    let mut plugin = plugin();
    let params = plugin.params().unwrap();
    for knob in params
        .iter()
        .filter(|param| param.module.contains("Timbre"))
    {
        turns.push(turn(&knob.name, ["-3", "+3"], &[]));
        turns.push(turn(&knob.name, ["0", "+3"], UNKEPT));
    }
    assert_eq!(turns.len(), 17 + 2 * 8, "{params:?}");
    turns
}

/// A parameter that jumps from one end to the other leaves no edge: the output's second difference stays within four
/// times that of the same chord at either setting. A switch without a fade exceeds that hundreds of times over.
#[test]
fn no_control_clicks_on_a_sustained_chord() {
    let input = chord(2.0);
    // From the onset of the chord on nothing but the turns happens.
    let onset = 24_000;
    for turn in turns() {
        let Turn { name, ends, .. } = &turn;
        let still = [0, 1]
            .map(|end| roughness(&render(&turn.at(end), &input)[onset..]))
            .into_iter()
            .fold(0.0, f32::max);
        let mut plugin = mono(&turn.at(0));
        // Odd distances: the jumps fall on ever other places of a block and of a hop.
        let events: Vec<ParamEvent> = (0..9)
            .map(|turn| {
                plugin
                    .set_at(onset + 7_001 * turn, name, ends[(turn + 1) % 2])
                    .unwrap()
            })
            .collect();
        let turned = Render::offline(RATE)
            .run(&mut plugin, std::slice::from_ref(&input), &events)
            .unwrap();
        let ratio = roughness(&turned.output[0][onset..]) / still;
        println!("{name} {ends:?}: {ratio:.2} times as rough as when it stands");
        assert!(ratio <= 4.0, "{name} {ends:?}: {ratio}");
    }
}

/// What the test above measures does tell a click: the same chord with a drop of half a decibel in it that doesn't fade.
#[test]
fn roughness_tells_a_click() {
    let input = chord(1.0);
    let loudest = (20_000..30_000)
        .max_by(|a, b| input[*a].abs().total_cmp(&input[*b].abs()))
        .unwrap();
    let mut switched = input.clone();
    for sample in &mut switched[loudest..] {
        *sample *= 0.95;
    }
    let ratio = roughness(&switched) / roughness(&input);
    assert!(ratio > 10.0, "{ratio}");
}

/// A second of sound at `rate`, behind another in which it settles; partials as (Hz, amplitude).
fn steady(rate: f64, partials: &[(usize, f64)]) -> Vec<f32> {
    let sine = |hz: usize, n: usize| (std::f64::consts::TAU * (hz * n) as f64 / rate).sin();
    (0..2 * rate as usize)
        .map(|n| {
            let parts = partials.iter().map(|(hz, size)| size * sine(*hz, n));
            parts.sum::<f64>() as f32
        })
        .collect()
}

/// The strongest line beside a sound's own partials in a second of it: dB below the strongest of all, and where, in Hz.
fn strongest_side_line(second: &[f32], partials: &[(usize, f64)]) -> (f32, usize) {
    // Blackman's window: a partial is 6 bins of 1 Hz wide, and nothing of it is above -58 dB beyond.
    let phase = |n: usize| std::f32::consts::TAU * n as f32 / second.len() as f32;
    let mut frame: Vec<f32> = second
        .iter()
        .enumerate()
        .map(|(n, sample)| sample * (0.42 - 0.5 * phase(n).cos() + 0.08 * (2.0 * phase(n)).cos()))
        .collect();
    let transform = realfft::RealFftPlanner::<f32>::new().plan_fft_forward(frame.len());
    let mut spectrum = transform.make_output_vec();
    transform.process(&mut frame, &mut spectrum).unwrap();
    let level = |bin: &usize| spectrum[*bin].norm();
    let strongest = (0..spectrum.len())
        .map(|bin| level(&bin))
        .fold(0.0, f32::max);
    let beside = (20..spectrum.len())
        .filter(|bin| partials.iter().all(|(hz, _)| bin.abs_diff(*hz) > 8))
        .max_by(|a, b| level(a).total_cmp(&level(b)))
        .unwrap();
    (db(level(&beside) / strongest), beside)
}

/// Renders a steady sound and says what line there is besides, see [`strongest_side_line`].
fn side_line(rate: f64, partials: &[(usize, f64)], settings: &[Setting]) -> (f32, usize) {
    let rendered = Render::offline(rate)
        .run(&mut mono(settings), &[steady(rate, partials)], &[])
        .unwrap();
    let second = rate as usize;
    strongest_side_line(&rendered.output[0][second..2 * second], partials)
}

/// What the timbre of a steady sound is turned to.
fn timbres() -> Vec<Vec<Setting>> {
    let mut timbres = vec![vec![]];
    for target in ["Flute", "Trumpet", "Choir"] {
        timbres.push(vec![("Morph", "50 %"), ("Target", target)]);
        timbres.push(vec![("Morph", "100 %"), ("Target", target)]);
    }
    for knob in ["Brightness", "Body", "Noise", "Spread"] {
        timbres.push(vec![(knob, "+3")]);
        timbres.push(vec![(knob, "-3")]);
    }
    timbres
}

#[test]
fn a_steady_tone_stays_a_tone_whatever_its_timbre_is_turned_to() {
    let tone = [(1000, 0.5)];
    for settings in timbres() {
        let (worst, hz) = side_line(RATE, &tone, &settings);
        assert!(worst < -50.0, "{settings:?}: {worst} dB at {hz} Hz");
    }
    // The measure sees what it is to see: a tone whose level moves by 1 % with every hop.
    let trembling: Vec<f32> = steady(RATE, &tone)[..RATE as usize]
        .iter()
        .enumerate()
        .map(|(n, sample)| sample * (1.0 + 0.01 * (n as f32 * std::f32::consts::TAU / 512.0).sin()))
        .collect();
    assert!(strongest_side_line(&trembling, &tone).0 > -50.0);
}

/// With Resynthesis the curve follows the frame's own levels, which the analysis window spreads around every partial.
#[test]
fn a_steady_sound_has_no_lines_but_its_own_under_resynthesis() {
    let harmonics: Vec<(usize, f64)> = (1..=10).map(|k| (220 * k, 0.3 / k as f64)).collect();
    let sounds: [&[(usize, f64)]; 6] = [
        &[(1000, 0.5)],
        &[(100, 0.5)],
        &[(440, 0.5)],
        &[(5000, 0.5)],
        &[(440, 0.3), (660, 0.3)],
        &harmonics,
    ];
    let mut strongest: (f32, String) = (f32::MIN, String::new());
    let mut hear = |rate: f64, partials: &[(usize, f64)], settings: &[Setting]| {
        let (worst, hz) = side_line(rate, partials, settings);
        let what = format!("{partials:?} at {rate} Hz, {settings:?}: {worst:.1} dB at {hz} Hz");
        assert!(worst < -50.0, "{what}");
        if worst > strongest.0 {
            strongest = (worst, what);
        }
    };
    for partials in sounds {
        for settings in timbres() {
            let with = |resynthesis| [&settings[..], &[("Resynthesis", resynthesis)]].concat();
            hear(RATE, partials, &with("100 %"));
        }
        let morphed = [("Morph", "100 %"), ("Target", "Trumpet")];
        for rate in [44_100.0, RATE, 96_000.0] {
            hear(rate, partials, &[("Resynthesis", "100 %")]);
            hear(
                rate,
                partials,
                &[&morphed[..], &[("Resynthesis", "50 %")]].concat(),
            );
        }
        // Without Smoothing the latent itself moves with what several partials do to each other.
        if let [_] = partials {
            let rough = [("Resynthesis", "100 %"), ("Smoothing", "0 ms")];
            hear(RATE, partials, &[&morphed[..], &rough].concat());
        }
    }
    println!("strongest: {}", strongest.1);
}

/// After the reported tail there is exact silence, and in the second half of the tail, beyond the latency, there still is
/// sound: the report is not only safe but true.
#[test]
fn the_reported_tail_is_where_sound_ends() {
    for rate in [8_000.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0] {
        for settings in [&[][..], NO_MEMORY, &[("Bypass", "On")]] {
            let mut plugin = mono(settings);
            plugin.set_render_mode(RenderMode::Offline).unwrap();
            let mut processor = plugin.activate(rate, 1, 512).unwrap();
            let latency = plugin.latency().unwrap() as usize;
            let stop = 30_011;
            let mut input = noise(stop, 0.5);
            input.resize(stop + 8 * latency, 0.0);
            let mut output = Vec::new();
            for block in input.chunks(512) {
                processor
                    .process(&Block {
                        frames: block.len(),
                        input: &[block],
                        ..Block::default()
                    })
                    .unwrap();
                output.extend_from_slice(processor.output().next().unwrap());
            }
            let TailLength::Finite(tail) = processor.tail() else {
                panic!("an endless tail");
            };
            plugin.deactivate(processor);
            let last = output.iter().rposition(|sample| *sample != 0.0).unwrap();
            let audible = output
                .iter()
                .rposition(|sample| db(sample.abs()) > -120.0)
                .unwrap();
            println!(
                "{rate} Hz, {} settings: tail {tail}, sound ends at {}, -120 dBFS at {}",
                settings.len(),
                last as i64 - stop as i64,
                audible as i64 - stop as i64
            );
            assert!(last < stop + tail as usize, "{rate}: sound after the tail");
            assert!(
                audible + 1 >= stop + latency,
                "{rate}: the end of the input is lost"
            );
            if settings == NO_MEMORY {
                assert!(
                    audible > stop + latency + layout(rate).window / 2,
                    "{rate}: {audible}: the tail is reported too long"
                );
            }
        }
    }
}

/// Whatever is turned or loaded while it plays, and however it is told to render.
#[test]
fn latency_never_changes_while_active() {
    let mut plugin = mono(&[]);
    let neutral = plugin.save_state().unwrap();
    let mut processor = plugin.activate(RATE, 1, 512).unwrap();
    plugin.pump().unwrap();
    let latency = plugin.latency().unwrap();
    plugin.take_latency_changed();
    let (sound, params) = (noise(512, 0.5), plugin.params().unwrap());
    for block in 0..200 {
        let events: Vec<ParamEvent> = params
            .iter()
            .map(|param| ParamEvent {
                frame: block % 512,
                id: param.id,
                value: if block % 2 == 0 { param.max } else { param.min },
            })
            .collect();
        processor
            .process(&Block {
                frames: 512,
                input: &[&sound],
                events: &events,
                ..Block::default()
            })
            .unwrap();
        match block % 20 {
            5 => plugin.load_state(&neutral).unwrap(),
            10 => processor.reset(),
            15 => plugin
                .set_render_mode(if block % 40 == 15 {
                    RenderMode::Offline
                } else {
                    RenderMode::Realtime
                })
                .unwrap(),
            _ => {}
        }
        plugin.pump().unwrap();
        assert_eq!(plugin.latency().unwrap(), latency, "block {block}");
        assert!(!plugin.take_latency_changed(), "block {block}");
    }
    plugin.deactivate(processor);
}
