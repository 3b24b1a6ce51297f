//! Curves of frames behind which others have been heard already.

use super::{Shaped, Shaper};
use crate::{model::ModelError, morph::FrameMessage};

impl Shaper {
    /// Hears a frame. The curve of the frame that is [`FrameMessage::lookahead`] before it, and that frame; `None` at the beginning of a stream. Allocates.
    ///
    /// # Errors
    /// When a network fails.
    pub fn shape_ahead(
        &mut self,
        frame: &FrameMessage,
    ) -> Result<Option<(FrameMessage, Shaped)>, ModelError> {
        self.listen(frame)?;
        self.waiting.push_back(*frame);
        if self.waiting.len() <= frame.lookahead {
            return Ok(None);
        }
        let Some(due) = self.waiting.pop_front() else {
            return Ok(None);
        };
        let shaped = self.draw(&due)?;
        Ok(Some((due, shaped)))
    }
}
