//! Counts steps of the wheel and of the arrow keys, and tells how fine they are.

use egui::{Event, EventFilter, Id, Key, Modifiers, MouseWheelUnit, Ui};

/// What Shift leaves of every movement.
const FINE: f32 = 0.1;

/// Returns what is left of every movement: all of it, or a little while Shift is held.
pub fn pace(ui: &Ui) -> f32 {
    if ui.input(|input| input.modifiers.shift) {
        FINE
    } else {
        1.0
    }
}

/// Counts the steps of the wheel in this frame. They are read from the events, since egui's own sum is smoothed over many frames.
pub fn wheel(ui: &Ui) -> f32 {
    ui.input(|input| {
        input
            .events
            .iter()
            .map(|event| match event {
                Event::MouseWheel { unit, delta, .. } => {
                    // Shift turns the wheel sideways on some systems.
                    let delta = if delta.y == 0.0 { delta.x } else { delta.y };
                    match unit {
                        MouseWheelUnit::Point => delta / 20.0,
                        MouseWheelUnit::Line => delta,
                        MouseWheelUnit::Page => delta * 5.0,
                    }
                }
                _ => 0.0,
            })
            .sum()
    })
}

/// Counts the steps of the arrow keys on the control that has the focus: to the right, and up.
pub fn arrows(ui: &Ui, id: Id) -> (f32, f32) {
    ui.memory_mut(|memory| {
        memory.set_focus_lock_filter(
            id,
            EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                ..Default::default()
            },
        );
    });
    ui.input_mut(|input| {
        let mut pressed = |key| {
            let count = input.count_and_consume_key(Modifiers::NONE, key)
                + input.count_and_consume_key(Modifiers::SHIFT, key);
            count as f32
        };
        (
            pressed(Key::ArrowRight) - pressed(Key::ArrowLeft),
            pressed(Key::ArrowUp) - pressed(Key::ArrowDown),
        )
    })
}
