//! The tagger: log-mel frames or samples in, a probability per tag out.

use std::sync::Arc;

use super::{
    ModelError, ModelSource, MusicMap, NetworkCost, OperatorTime, TaggerCard, card::TensorEntry,
    network::Network,
};

/// A loaded tagger; each thread has a clone, which share the weights.
#[derive(Clone)]
pub struct TaggerModel {
    card: TaggerCard,
    network: Network,
    map: Option<Arc<MusicMap>>,
}

impl TaggerModel {
    /// Loads card, network and map.
    ///
    /// # Errors
    /// [`ModelError`], naming the file and the field.
    pub fn load(source: &ModelSource) -> Result<Self, ModelError> {
        let card = source.tagger_card()?;
        let (file, bytes) = source.read_checked("tagger", &card.model, "files.model")?;
        let network = Network::load(&file, &bytes, &card.input, &outputs(&card))?;
        let map = source.music_map(&card)?.map(Arc::new);
        Ok(Self { card, network, map })
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

    /// Where songs are by its embedding; `None` where its card names no such file.
    pub fn map(&self) -> Option<&Arc<MusicMap>> {
        self.map.as_ref()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What the network is asked for beside its answer must not change the answer.
    #[test]
    fn the_answer_is_the_same_to_the_bit_with_and_without_the_embedding() {
        let whole = TaggerModel::load(&ModelSource::Embedded).unwrap();
        let card = whole.card();
        let (file, bytes) = ModelSource::Embedded
            .read_checked("tagger", &card.model, "files.model")
            .unwrap();
        let alone = Network::load(&file, &bytes, &card.input, &[&card.output]).unwrap();
        let count: usize = card.input.shape.iter().product();
        let mut state = 1_u32;
        for _ in 0..4 {
            let levels = (0..count).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                -90.0 + 80.0 * (state >> 8) as f32 / (1 << 24) as f32
            });
            let levels: Vec<f32> = levels.collect();
            let mut probabilities = vec![0.0; card.tags.len()];
            let embedding = whole.run(&levels, &mut probabilities).unwrap();
            assert_eq!(Some(embedding.len()), card.embedding_len());
            assert!(embedding.iter().any(|value| *value != 0.0));
            let answers = alone.run(&levels).unwrap();
            assert_eq!(answers[0], probabilities);
        }
    }
}
