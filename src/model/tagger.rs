//! The tagger: log-mel frames or samples in, a probability per tag out.

use super::{
    ModelError, ModelSource, NetworkCost, OperatorTime, TaggerCard, card::TensorEntry,
    network::Network,
};

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
        let (file, bytes) = source.read_checked("tagger", &card.model, "files.model")?;
        let network = Network::load(&file, &bytes, &card.input, &outputs(&card))?;
        Ok(Self { card, network })
    }

    /// What a tagger's network costs. Loads it anew.
    ///
    /// # Errors
    /// The same.
    pub fn cost(source: &ModelSource) -> Result<NetworkCost, ModelError> {
        let card = source.tagger_card()?;
        let (file, bytes) = source.read_checked("tagger", &card.model, "files.model")?;
        NetworkCost::of(&file, &bytes, &card.input, &outputs(&card))
    }

    /// What the tagger says of itself.
    pub fn card(&self) -> &TaggerCard {
        &self.card
    }

    /// One answer. `input` is in the card's order, after its normalisation: levels of frames, or samples. `probabilities` is one value
    /// from 0 to 1 per tag, in the card's order. Gives the embedding, which is empty where the card names none. Allocates: never call it on
    /// the audio thread.
    ///
    /// # Errors
    /// [`ModelError::Network`] when a length is wrong or the network fails.
    pub fn run(&self, input: &[f32], probabilities: &mut [f32]) -> Result<Vec<f32>, ModelError> {
        let mut outputs = self.network.run(input)?.into_iter();
        let answer = outputs.next().unwrap_or_default();
        self.card.answer.probabilities(&answer, probabilities);
        Ok(outputs.next().unwrap_or_default())
    }

    /// What each node of its network takes, the least of so many answers to silence.
    ///
    /// # Errors
    /// [`ModelError::Network`] when the network fails.
    pub fn operator_times(&self, answers: usize) -> Result<Vec<OperatorTime>, ModelError> {
        self.network.operator_times(answers)
    }
}

/// The outputs that are read of a network: the answer, and the embedding where there is one.
fn outputs(card: &TaggerCard) -> Vec<&TensorEntry> {
    std::iter::once(&card.output)
        .chain(&card.embedding)
        .collect()
}
