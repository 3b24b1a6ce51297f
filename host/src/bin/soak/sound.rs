//! What is played: music at any speed, tones, noise, bursts, clicks, silence; with level jumps, and poison now and then.

use std::f64::consts::TAU;

use moodring::audio_file::AudioFile;

use crate::random::Random;

/// What no sample should be, and some hosts send all the same.
const POISON: [f32; 7] = [
    f32::NAN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    1e30,
    -1e30,
    1e-40,
    -0.0,
];

/// A stereo sound without end.
pub struct Sound<'a> {
    source: Source<'a>,
    /// Linear.
    level: f32,
    /// Samples until the level jumps.
    until_jump: usize,
    /// Samples per second, in Hz.
    rate: f64,
    /// Share of the samples that are replaced by poison.
    poisoned: f64,
}

enum Source<'a> {
    /// The recording from some place on, at some speed, forwards or backwards, over and over.
    Music {
        music: &'a AudioFile,
        /// In frames of the recording.
        position: f64,
        step: f64,
    },
    Tones(Vec<Tone>),
    /// White, or darker the nearer `pole` is to 1; bursts and pauses take turns if `gate` isn't 0 (in samples).
    Noise {
        pole: f32,
        state: [f32; 2],
        gate: usize,
        clock: usize,
    },
    /// Single full-scale samples, that many samples apart.
    Clicks {
        distance: usize,
        clock: usize,
    },
    /// The same value for ever; 0 for silence.
    Constant(f32),
}

struct Tone {
    /// In turns.
    phase: f64,
    /// In turns per sample.
    step: f64,
    /// Factor of the step per sample.
    glide: f64,
    /// A sine, or a sawtooth.
    sine: bool,
    /// Amplitude left and right.
    gains: [f32; 2],
}

impl<'a> Sound<'a> {
    /// Some sound, for a host at `rate` Hz.
    pub fn any(random: &mut Random, music: &'a AudioFile, rate: f64) -> Self {
        let source = match random.below(12) {
            0..=4 => {
                let frames = music.frames() as f64;
                // A third of the time as it is recorded, else an octave up or down at most.
                let speed = if random.chance(0.3) {
                    1.0
                } else {
                    random.between(-1.0, 1.0).exp2()
                };
                let direction = if random.chance(0.1) { -1.0 } else { 1.0 };
                Source::Music {
                    music,
                    position: random.unit() * frames,
                    step: direction * speed * f64::from(music.sample_rate) / rate,
                }
            }
            5 | 6 => Source::Tones(
                (0..=random.below(4))
                    .map(|_| Tone {
                        phase: random.unit(),
                        step: 20.0 * random.between(0.0, 9.0).exp2() / rate,
                        glide: (random.between(-0.5, 0.5) / rate).exp2(),
                        sine: random.chance(0.6),
                        gains: [0, 1].map(|_| random.between(0.0, 0.4) as f32),
                    })
                    .collect(),
            ),
            7 | 8 => Source::Noise {
                pole: random.between(0.0, 0.99) as f32,
                state: [0.0; 2],
                gate: if random.chance(0.5) {
                    1 + (random.between(0.001, 0.5) * rate) as usize
                } else {
                    0
                },
                clock: 0,
            },
            9 => Source::Clicks {
                distance: 1 + (random.between(0.0005, 0.7) * rate) as usize,
                clock: 0,
            },
            10 => Source::Constant(random.between(-1.0, 1.0) as f32),
            _ => Source::Constant(0.0),
        };
        let mut sound = Self {
            source,
            level: 1.0,
            until_jump: 0,
            rate,
            poisoned: if random.chance(0.15) { 1e-3 } else { 0.0 },
        };
        sound.jump(random);
        sound
    }

    /// To another level, -60 to +12 dB, for up to 4 s.
    fn jump(&mut self, random: &mut Random) {
        let decibels = if random.chance(0.6) {
            random.between(-20.0, 0.0)
        } else {
            random.between(-60.0, 12.0)
        };
        self.level = 10_f64.powf(decibels / 20.0) as f32;
        self.until_jump = 1 + (random.between(0.05, 4.0) * self.rate) as usize;
    }

    /// Fills `block`, `[channel][sample]`, of one or two channels. Returns how many samples were poisoned.
    pub fn fill(&mut self, random: &mut Random, block: &mut [Vec<f32>], frames: usize) -> u64 {
        let mut poisoned = 0;
        for frame in 0..frames {
            if self.until_jump == 0 {
                self.jump(random);
            }
            self.until_jump -= 1;
            let both = self.source.next(random);
            for (channel, sample) in block.iter_mut().zip(both) {
                let Some(place) = channel.get_mut(frame) else {
                    continue;
                };
                *place = sample * self.level;
                if self.poisoned > 0.0 && random.chance(self.poisoned) {
                    *place = random.pick(&POISON).copied().unwrap_or_default();
                    poisoned += 1;
                }
            }
        }
        poisoned
    }
}

impl Source<'_> {
    fn next(&mut self, random: &mut Random) -> [f32; 2] {
        match self {
            Self::Music {
                music,
                position,
                step,
            } => {
                let frames = music.frames();
                let at = *position as usize;
                let way = (*position - at as f64) as f32;
                *position = (*position + *step).rem_euclid(frames as f64);
                let sample = |channel: usize| {
                    let channel = music.channels.get(channel).or(music.channels.first());
                    let of = |frame: usize| {
                        channel
                            .and_then(|channel| channel.get(frame % frames))
                            .copied()
                            .unwrap_or_default()
                    };
                    of(at) + way * (of(at + 1) - of(at))
                };
                [sample(0), sample(1)]
            }
            Self::Tones(tones) => {
                let mut both = [0.0; 2];
                for tone in tones {
                    let value = if tone.sine {
                        (TAU * tone.phase).sin()
                    } else {
                        2.0 * tone.phase - 1.0
                    };
                    tone.phase = (tone.phase + tone.step).fract();
                    tone.step = (tone.step * tone.glide).clamp(1e-5, 0.49);
                    for (sample, gain) in both.iter_mut().zip(tone.gains) {
                        *sample += value as f32 * gain;
                    }
                }
                both
            }
            Self::Noise {
                pole,
                state,
                gate,
                clock,
            } => {
                *clock += 1;
                let open = (*clock).checked_div(*gate).is_none_or(|turn| turn % 2 == 0);
                for sample in state.iter_mut() {
                    let white = random.between(-1.0, 1.0) as f32;
                    *sample = *pole * *sample + (1.0 - *pole) * white;
                }
                if open { *state } else { [0.0; 2] }
            }
            Self::Clicks { distance, clock } => {
                *clock = (*clock + 1) % *distance;
                if *clock == 0 { [1.0; 2] } else { [0.0; 2] }
            }
            Self::Constant(value) => [*value; 2],
        }
    }
}
