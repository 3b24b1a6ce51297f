//! Gives egui one press or release of a mouse button a frame.
//!
//! egui 0.37 looks for what is under the pointer once a frame, at the place where the pointer is last, and takes a press and a
//! release in one frame for a click. On a busy machine frames are long, most of all where the processor draws them: when the
//! next one comes the pointer may have left the knob that was pressed, or let go of it already. The drag would be another
//! control's, or nobody's. So what comes behind a press waits for the next frame, and so does a release behind a motion. The
//! first frame has nothing to press yet.

use egui::{Context, Event, Plugin, RawInput};

/// Holds back what is for the next frames, on the window's thread; in order, so that nothing overtakes anything.
#[derive(Default)]
pub struct ButtonFrames {
    held: Vec<Event>,
    /// Whether there was a frame already.
    has_drawn: bool,
}

impl ButtonFrames {
    /// Whether something waits for the next frame.
    pub fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// How many of the events are this frame's.
    fn count(&self) -> usize {
        let mut moves = false;
        for (index, event) in self.held.iter().enumerate() {
            match event {
                Event::PointerButton { pressed, .. } => {
                    let waits = !self.has_drawn || (moves && !pressed);
                    return if waits { index } else { index + 1 };
                }
                Event::PointerMoved(_) => moves = true,
                _ => {}
            }
        }
        self.held.len()
    }
}

impl Plugin for ButtonFrames {
    fn debug_name(&self) -> &'static str {
        "ButtonFrames"
    }

    fn input_hook(&mut self, context: &Context, input: &mut RawInput) {
        self.held.append(&mut input.events);
        let count = self.count();
        input.events.extend(self.held.drain(..count));
        self.has_drawn = true;
        if self.is_holding() {
            context.request_repaint();
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::{Modifiers, PointerButton, Pos2, Rect, Sense, Ui, Vec2};
    use egui_kittest::Harness;

    use super::*;

    /// Where the two controls are.
    const PLACES: [Rect; 2] = [
        Rect::from_min_max(Pos2::new(0.0, 0.0), Pos2::new(50.0, 50.0)),
        Rect::from_min_max(Pos2::new(0.0, 60.0), Pos2::new(50.0, 110.0)),
    ];

    /// What became of them: by how much each was dragged, and how often it was clicked.
    #[derive(Debug, Default, Clone, Copy, PartialEq)]
    struct Done {
        dragged: [Vec2; 2],
        clicked: [u32; 2],
    }

    fn draw(ui: &mut Ui, done: &mut Done) {
        for (index, place) in PLACES.into_iter().enumerate() {
            let id = ui.scope_id().with(index);
            let control = ui.interact(place, id, Sense::click_and_drag());
            done.dragged[index] += control.drag_delta();
            done.clicked[index] += u32::from(control.clicked());
        }
    }

    fn button(pos: Pos2, pressed: bool) -> Event {
        Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        }
    }

    /// What becomes of events that all fall into one frame: the window's first, or one behind it.
    fn done_in_one_frame(first: bool, events: &[Event]) -> Done {
        let mut harness = Harness::builder()
            .with_max_steps(20)
            .build_ui_state(draw, Done::default());
        harness.run();
        harness.ctx.add_plugin(ButtonFrames {
            has_drawn: !first,
            ..ButtonFrames::default()
        });
        harness.input_mut().events.extend_from_slice(events);
        harness.run();
        *harness.state()
    }

    #[test]
    fn a_drag_in_one_frame_moves_what_was_pressed_by_all_of_it() {
        let [from, to] = PLACES.map(|place| place.center());
        let drag = [
            Event::PointerMoved(from),
            button(from, true),
            Event::PointerMoved(from.lerp(to, 0.5)),
            Event::PointerMoved(to),
            button(to, false),
        ];
        for first in [false, true] {
            let done = done_in_one_frame(first, &drag);
            let dragged = [to - from, Vec2::ZERO];
            let expected = Done {
                dragged,
                ..Done::default()
            };
            assert_eq!(done, expected, "first frame: {first}");
        }
    }

    #[test]
    fn clicks_in_one_frame_are_each_the_control_s_that_was_clicked() {
        let [one, other] = PLACES.map(|place| place.center());
        let clicks = [one, other, one]
            .map(|at| [Event::PointerMoved(at), button(at, true), button(at, false)]);
        let done = done_in_one_frame(false, &clicks.concat());
        assert_eq!(done.clicked, [2, 1]);
        assert_eq!(done.dragged, [Vec2::ZERO; 2]);
    }
}
