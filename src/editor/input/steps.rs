//! Counts steps of the wheel and of the arrow keys, and tells how fine they are; and which clicks are a reset.

use egui::{Event, EventFilter, Id, Key, Modifiers, MouseWheelUnit, PointerButton, Response, Ui};

/// What Shift or Ctrl (on a Mac: Cmd) leaves of every movement.
const FINE: f32 = 0.1;

/// Returns what is left of every movement: all of it, or a little while a key for fine movements is held.
pub fn pace(ui: &Ui) -> f32 {
    if is_fine(ui) { FINE } else { 1.0 }
}

/// Whether Shift or Ctrl (on a Mac: Cmd) is held: each is the key for fine movements in half of all plugins.
pub fn is_fine(ui: &Ui) -> bool {
    ui.input(|input| input.modifiers.shift || input.modifiers.command)
}

/// Whether this is a click that brings the default back: a double one, or one with Alt or Ctrl (on a Mac: Cmd), as different plugins
/// have it.
pub fn is_reset(ui: &Ui, response: &Response) -> bool {
    let with_key = ui.input(|input| input.modifiers.alt || input.modifiers.command);
    response.double_clicked() || (with_key && response.clicked_by(PointerButton::Primary))
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
            let with = [Modifiers::NONE, Modifiers::SHIFT, Modifiers::COMMAND];
            let counts = with.map(|with| input.count_and_consume_key(with, key));
            counts.iter().sum::<usize>() as f32
        };
        (
            pressed(Key::ArrowRight) - pressed(Key::ArrowLeft),
            pressed(Key::ArrowUp) - pressed(Key::ArrowDown),
        )
    })
}
