//! Short-time spectra of whole files.

use moodring::audio_file::AudioFile;
use realfft::RealFftPlanner;

/// Window length in samples: 85 ms and bins of 12 Hz at 48 kHz, so that the bass is resolved too.
pub const WINDOW: usize = 4096;

/// Calls `visit` with the magnitudes of the window around each of `centres`, given in frames: `WINDOW / 2 + 1` bins of
/// the mono mix, 1 being a sine of full scale. Past the ends lies silence.
pub fn for_each_frame(
    audio: &AudioFile,
    centres: impl IntoIterator<Item = usize>,
    mut visit: impl FnMut(&[f32]),
) {
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW);
    let mut windowed = transform.make_input_vec();
    let mut bins = transform.make_output_vec();
    let mut magnitudes = vec![0.0; bins.len()];
    let hann: Vec<f32> = (0..WINDOW)
        .map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / WINDOW as f32).cos())
        .collect();
    // A sine of amplitude 1 has the sum of the window, halved, in its bin.
    let scale = 2.0 / hann.iter().sum::<f32>() / audio.channels.len().max(1) as f32;

    for centre in centres {
        for (i, (sample, weight)) in windowed.iter_mut().zip(&hann).enumerate() {
            let mix = (centre + i)
                .checked_sub(WINDOW / 2)
                .map_or(0.0, |position| {
                    audio
                        .channels
                        .iter()
                        .filter_map(|channel| channel.get(position))
                        .sum::<f32>()
                });
            *sample = mix * weight;
        }
        // Only fails for buffers of the wrong length, and these are its own.
        if transform.process(&mut windowed, &mut bins).is_ok() {
            for (magnitude, bin) in magnitudes.iter_mut().zip(&bins) {
                *magnitude = bin.norm() * scale;
            }
            visit(&magnitudes);
        }
    }
}

/// The mean frequency in Hz of a part of the audio, all bins of all windows weighted by their amplitude. `None` for
/// silence.
pub fn centroid(audio: &AudioFile, start: usize, end: usize) -> Option<f64> {
    let (mut weighted, mut total) = (0.0, 0.0);
    for_each_frame(audio, (start..end).step_by(WINDOW / 4), |magnitudes| {
        for (bin, magnitude) in magnitudes.iter().enumerate() {
            let magnitude = f64::from(*magnitude);
            weighted += magnitude * bin as f64;
            total += magnitude;
        }
    });
    (total > 0.0).then(|| weighted / total * f64::from(audio.sample_rate) / WINDOW as f64)
}
