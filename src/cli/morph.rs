//! `moodring morph`.
#![allow(unsafe_code, reason = "nice-plug reaches parameters by pointer")]

use std::path::Path;

use nice_plug::prelude::*;

use super::CliError;
use crate::{
    audio_file::AudioFile,
    dsp::{StftLayout, clean, crossfade},
    library::Library,
    model::{ModelError, ModelSource, Timbre},
    morph::{Controls, Inline, Shaper, Stage},
    params::MoodringParams,
};

pub(super) fn run(
    source: &ModelSource,
    preset: Option<&str>,
    settings: &[String],
    file: &Path,
    output: &Path,
) -> Result<(), CliError> {
    let params = MoodringParams::default();
    if let Some(name) = preset {
        Library::of_this_user().find(name)?.settings()?.put(&params);
    }
    for setting in settings {
        set(&params, setting)?;
    }
    let timbre = Timbre::load(source)?;
    let audio = AudioFile::read(file)?;
    if audio.channels.len() > 2 {
        return Err(CliError::Channels {
            file: file.display().to_string(),
            found: audio.channels.len(),
        });
    }
    morphed(&timbre, &params, &audio)?.write_wav(output)?;
    println!("{}", output.display());
    Ok(())
}

/// Sets the parameter that a `NAME=VALUE` names, by the text that the plugin itself reads.
fn set(params: &MoodringParams, setting: &str) -> Result<(), CliError> {
    let error = |why: String| CliError::Setting {
        setting: setting.to_owned(),
        why,
    };
    let (name, value) = setting
        .split_once('=')
        .ok_or_else(|| error("expected NAME=VALUE".to_owned()))?;
    let map = params.param_map();
    // SAFETY: the pointers are those of `params`, which is borrowed for all of this.
    let found = map
        .iter()
        .find(|(_, param, _)| unsafe { param.name() }.eq_ignore_ascii_case(name.trim()));
    let Some((_, param, _)) = found else {
        // SAFETY: as above.
        let names: Vec<_> = map
            .iter()
            .map(|(_, param, _)| unsafe { param.name() })
            .collect();
        return Err(error(format!(
            "there is no parameter `{}`; there are {}",
            name.trim(),
            names.join(", ")
        )));
    };
    // SAFETY: as above.
    let normalized = unsafe { param.string_to_normalized_value(value.trim()) }
        .ok_or_else(|| error(format!("`{}` is not one of its values", value.trim())))?;
    // SAFETY: as above; nobody else uses these parameters.
    unsafe { param._internal_set_normalized_value(normalized) };
    Ok(())
}

/// The wet path alone, lined up with its input.
fn morphed(
    timbre: &Timbre,
    params: &MoodringParams,
    audio: &AudioFile,
) -> Result<AudioFile, ModelError> {
    let card = &timbre.card().front_end;
    let rate = audio.sample_rate as f64;
    let latency = StftLayout::for_rate(rate, card.sample_rate as f64, card.n_fft).latency();
    let mut shaper = Shaper::new(timbre.clone());
    shaper.set_captures(&params.captures.both())?;
    let mut stage = Stage::new(card, rate, audio.channels.len(), Some(Inline::new(shaper)));
    let mut channels: Vec<Vec<f32>> = audio
        .channels
        .iter()
        .map(|channel| {
            let silence = std::iter::repeat_n(0.0, latency);
            channel
                .iter()
                .map(|sample| clean(*sample))
                .chain(silence)
                .collect()
        })
        .collect();
    let mut block: Vec<&mut [f32]> = channels.iter_mut().map(Vec::as_mut_slice).collect();
    stage.process(
        &mut block,
        &[],
        Controls::read(params),
        params.keep_loudness.value(),
    );

    let (mix, gain) = (params.mix.value(), util::db_to_gain(params.output.value()));
    for (wet, dry) in channels.iter_mut().zip(&audio.channels) {
        wet.drain(..latency);
        for (wet, dry) in wet.iter_mut().zip(dry) {
            *wet = crossfade(clean(*dry), *wet, mix) * gain;
        }
    }
    Ok(AudioFile {
        sample_rate: audio.sample_rate,
        channels,
    })
}
