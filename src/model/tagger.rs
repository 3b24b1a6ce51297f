//! The tagger: log-mel frames in, a probability per tag out.

use super::{ModelError, ModelSource, TaggerCard, network::Network};

/// A loaded tagger; each thread has a clone, which share the weights.
#[derive(Clone)]
pub struct TaggerModel {
    card: TaggerCard,
    network: Network,
}

impl TaggerModel {
    /// Loads card and network.
    ///
    /// # Errors
    /// [`ModelError`], naming the file and the field.
    pub fn load(source: &ModelSource) -> Result<Self, ModelError> {
        let card = source.tagger_card()?;
        let (file, bytes) = source.read_checked("tagger", &card.model, "files.model.sha256")?;
        let network = Network::load(&file, &bytes, &card.input, &card.output)?;
        Ok(Self { card, network })
    }

    /// What the tagger says of itself.
    pub fn card(&self) -> &TaggerCard {
        &self.card
    }

    /// One answer. `mel_db` is `[bands][frames]` in dB, row-major; `probabilities` is one value from 0 to 1 per tag, in the
    /// card's order. Allocates: never call it on the audio thread.
    ///
    /// # Errors
    /// [`ModelError::Network`] when a length is wrong or the network fails.
    pub fn run(&self, mel_db: &[f32], probabilities: &mut [f32]) -> Result<(), ModelError> {
        self.network.run(mel_db, probabilities)
    }
}
