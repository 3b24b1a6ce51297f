//! What a shaper makes once for frames at one distance, and does with it.

use crate::{
    dsp::FilterPhase,
    model::{BANDS, MelShape},
    morph::{
        FrameMessage, Shaper,
        leakage::Leakage,
        notes::{Played, PlayedBands},
    },
};

/// The level of every band of a frame that certainly is heard, in dB.
const LOUD_DB: f32 = -20.0;

/// What is made for frames at one distance.
pub(super) struct FrameTools {
    /// That distance, in seconds.
    hop_seconds: f32,
    leakage: Leakage,
    played: PlayedBands,
}

impl Shaper {
    /// Gives the leakage of each partial the partial's gain, as filters of a phase need it.
    pub(super) fn assign_to_partials(
        &mut self,
        frame: &FrameMessage,
        gains: &mut [f32; BANDS],
        unit_db: f32,
        phase: FilterPhase,
    ) {
        let FrameTools { leakage, .. } = self.tools(frame.hop_seconds);
        leakage.assign_to_partials(&frame.levels, gains, unit_db, phase);
    }

    /// The curve that makes of this frame what is played, with the frame's power.
    pub(super) fn towards(&mut self, played: &Played, frame: &FrameMessage) -> MelShape {
        let unit_db = self.timbre.card().front_end.unit_db;
        let bands = &mut self.tools(frame.hop_seconds).played;
        let mut curve = bands
            .gains(played, &frame.levels)
            .map(|gain| gain / unit_db);
        self.assign_to_partials(frame, &mut curve, unit_db, FilterPhase::Zero);
        curve
    }

    /// Makes what Resynthesis and players need for frames at this distance, in seconds, unless it is there: else the first curve that needs it takes a hundred times as
    /// long as the others. Then draws a curve, so that the networks have touched their memory, and forgets it: at the beginning of a stream.
    pub fn prepare(&mut self, hop_seconds: f32) {
        self.tools(hop_seconds);
        self.notes.prepare(hop_seconds);
        // A network that fails says so at the first frame that is heard.
        let _ = self.shape(&FrameMessage {
            hop_seconds,
            levels: [LOUD_DB; BANDS],
            ..FrameMessage::blank()
        });
        self.reset();
    }

    fn tools(&mut self, hop_seconds: f32) -> &mut FrameTools {
        let front_end = &self.timbre.card().front_end;
        self.tools.take_if(|tools| tools.hop_seconds != hop_seconds);
        self.tools.get_or_insert_with(|| FrameTools {
            hop_seconds,
            leakage: Leakage::new(front_end, hop_seconds),
            played: PlayedBands::new(front_end, hop_seconds),
        })
    }
}
