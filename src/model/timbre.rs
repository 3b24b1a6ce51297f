//! The timbre model: band levels to a latent, and back.

use super::{
    BANDS, LATENTS, Latent, MelDb, MelShape, ModelError, ModelSource, NetworkCost, NotePlayers,
    TimbreCard, card::NetworkEntry, network::Network,
};

/// A loaded timbre model; each thread has a clone, which share the weights.
#[derive(Clone)]
pub struct TimbreModel {
    card: TimbreCard,
    encoder: Network,
    decoder: Network,
    players: NotePlayers,
}

impl TimbreModel {
    /// Loads card, anchors, both networks, and the named timbres' players.
    ///
    /// # Errors
    /// [`ModelError`], naming the file and the field.
    pub fn load(source: &ModelSource) -> Result<Self, ModelError> {
        let card = source.timbre_card()?;
        let load = |entry: &NetworkEntry, field: &str| {
            let (file, bytes) = source.read_checked("timbre", &entry.file, field)?;
            Network::load(&file, &bytes, &entry.input, &[&entry.output])
        };
        let encoder = load(&card.encoder, "files.encoder")?;
        let decoder = load(&card.decoder, "files.decoder")?;
        Ok(Self {
            card,
            encoder,
            decoder,
            players: NotePlayers::load(source)?,
        })
    }

    /// What both networks cost together. Loads them anew.
    ///
    /// # Errors
    /// The same.
    pub fn cost(source: &ModelSource) -> Result<NetworkCost, ModelError> {
        let card = source.timbre_card()?;
        let mut cost = NetworkCost::default();
        for (entry, field) in [
            (&card.encoder, "files.encoder"),
            (&card.decoder, "files.decoder"),
        ] {
            let (file, bytes) = source.read_checked("timbre", &entry.file, field)?;
            cost += NetworkCost::of(&file, &bytes, &entry.input, &[&entry.output])?;
        }
        Ok(cost)
    }

    /// What the model says of itself.
    pub fn card(&self) -> &TimbreCard {
        &self.card
    }

    /// Who plays the named timbres.
    pub fn players(&self) -> &NotePlayers {
        &self.players
    }

    /// Brings band levels in dB into the encoder's units: levels further than the card's range below the strongest are
    /// raised, the mean is taken off, and one unit is the card's `unit_db`.
    pub fn normalise(&self, levels_db: &MelDb) -> MelShape {
        let front_end = &self.card.front_end;
        let strongest = levels_db.iter().copied().fold(f32::MIN, f32::max);
        let mut shape = levels_db.map(|level| (level - strongest).max(-front_end.range_db));
        let mean = shape.iter().sum::<f32>() / BANDS as f32;
        for level in &mut shape {
            *level = (*level - mean) / front_end.unit_db;
        }
        shape
    }

    /// The mean of the latent's distribution for a normalised frame. Allocates.
    ///
    /// # Errors
    /// [`ModelError::Network`] when the network fails.
    pub fn encode(&self, shape: &MelShape) -> Result<Latent, ModelError> {
        let mut latent = [0.0; LATENTS];
        self.encoder.run_into(shape, &mut latent)?;
        Ok(latent)
    }

    /// The spectral shape of a latent, in the encoder's units (zero mean over the bands). Allocates.
    ///
    /// # Errors
    /// [`ModelError::Network`] when the network fails.
    pub fn decode(&self, latent: &Latent) -> Result<MelShape, ModelError> {
        let mut shape = [0.0; BANDS];
        self.decoder.run_into(latent, &mut shape)?;
        Ok(shape)
    }
}
