//! How a note ends with its source.

/// A note has ended where its source is so far below its loudest, in dB; from there on its level is followed down.
pub(in crate::morph::notes) const GATE_DB: f32 = 26.0;
/// From there on it is let go, too, so fast, until it is as far below its loudest as its source is: what hisses or hums behind a note holds none.
const RELEASE_DB_A_SECOND: f32 = 80.0;
/// It has ended, too, where its pitch wasn't heard for so many hops while its source is so far below its loudest, in dB, however loud what hisses there is: it then goes as far down
/// as its source, so fast, and comes back as fast where the pitch does.
const UNHEARD_HOPS: u32 = 4;
const FALLEN_DB: f32 = 12.0;
const LOST_DB_A_SECOND: f32 = 400.0;
/// By more than this, in dB, a note is let go.
const LET_GO_DB: f32 = 12.0;

/// Follows a note down, from its onset on.
#[derive(Default)]
pub(super) struct Ending {
    /// How far it has been let go since its source ended, in dB: 0 or less.
    released_db: f32,
    /// Hops since its pitch was heard, and how far it went down for that, in dB: 0 or less.
    unheard: u32,
    lost_db: f32,
}

impl Ending {
    /// How far the note is to be below what it holds, in dB, where its source has fallen by so much below its loudest, in dB, at the next hop, and its pitch is `heard` there or not.
    pub fn gate_db(&mut self, fallen: f32, heard: bool, hop_seconds: f32) -> f32 {
        let ended = (fallen + GATE_DB).min(0.0);
        // A source that comes and goes around its end makes no steps: what is let go is taken up again as fast.
        let step = RELEASE_DB_A_SECOND * hop_seconds;
        let step = if ended < 0.0 { -step } else { step };
        self.released_db = (self.released_db + step).clamp(-GATE_DB, 0.0);
        ended + self.released_db + self.lose(fallen, heard, hop_seconds)
    }

    /// Whether hardly anything is left of it.
    pub fn let_go(&self) -> bool {
        self.released_db + self.lost_db < -LET_GO_DB
    }

    fn lose(&mut self, fallen: f32, heard: bool, hop_seconds: f32) -> f32 {
        // Noise has a pitch now and then.
        self.unheard = if heard {
            self.unheard.saturating_sub(1)
        } else {
            (self.unheard + 1).min(2 * UNHEARD_HOPS)
        };
        let lost = self.unheard > UNHEARD_HOPS && fallen < -FALLEN_DB;
        let goal = if lost { fallen.max(-GATE_DB) } else { 0.0 };
        let step = LOST_DB_A_SECOND * hop_seconds;
        self.lost_db += (goal - self.lost_db).clamp(-step, step);
        self.lost_db
    }
}
