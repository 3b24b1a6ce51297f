//! The network that hears which pitches sound together.

use std::sync::Arc;

use super::{ModelError, card::ChordEarCard, network::Network, source::ModelSource};

/// Pitches that a network is asked about at a time.
pub const EAR_PITCHES: usize = 57;

/// Numbers that a network is told of each.
pub const EAR_EVIDENCE: usize = 20;

/// Tells of each pitch how surely it sounds; clones share the weights.
#[derive(Clone)]
pub struct ChordEar {
    network: Arc<Network>,
}

impl ChordEar {
    /// Loads the network that the players' card lists.
    ///
    /// # Errors
    /// [`ModelError`], naming the file and the field.
    pub(super) fn load(source: &ModelSource, card: &ChordEarCard) -> Result<Self, ModelError> {
        let entry = &card.network;
        let (file, bytes) = source.read_checked("notes", &entry.file, "files.ear")?;
        let network = Network::load(&file, &bytes, &entry.input, &[&entry.output])?;
        Ok(Self {
            network: Arc::new(network),
        })
    }

    /// How surely each pitch sounds, 0 to 1, from the lowest on. `evidence`: `[EAR_PITCHES][EAR_EVIDENCE]`, as
    /// [`ChordSpectrum::evidence`](crate::dsp::ChordSpectrum::evidence) has it. Allocates.
    ///
    /// # Errors
    /// [`ModelError::Network`] when the network fails.
    pub fn hear(&self, evidence: &[f32]) -> Result<[f32; EAR_PITCHES], ModelError> {
        let mut sure = [0.0; EAR_PITCHES];
        self.network.run_into(evidence, &mut sure)?;
        Ok(sure)
    }
}
