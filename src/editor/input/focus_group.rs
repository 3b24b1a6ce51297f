//! Several controls that are one stop of Tab: the arrow keys move inside.
//!
//! egui stops at everything that can have the focus. So only one member of a group can: the one that had it last, or the chosen one. An
//! arrow key makes another member that one, and gives it the focus.

use egui::{Context, Id, Response, Sense, Ui, accesskit::Action};

use super::steps;

/// A group while it is drawn; dropped behind its last member. On the window's thread.
pub struct FocusGroup {
    context: Context,
    id: Id,
    /// The members of the frame before, in their order.
    before: Vec<Id>,
    /// Those of this frame so far.
    members: Vec<Id>,
    /// The one that Tab stops at.
    stop: Option<Id>,
    /// The chosen one, where one is chosen.
    chosen: Option<Id>,
    has_focus: bool,
}

/// What is remembered of a group between two frames.
#[derive(Debug, Clone, Default)]
struct Remembered {
    members: Vec<Id>,
    stop: Option<Id>,
}

impl FocusGroup {
    /// Begins the group of that name.
    pub fn new(ui: &Ui, name: &str) -> Self {
        let id = ui.scope_id().with(("group", name));
        let remembered: Remembered = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        let Remembered { members, stop } = remembered;
        Self {
            context: ui.ctx().clone(),
            id,
            stop: stop.filter(|stop| members.contains(stop)),
            before: members,
            members: Vec::new(),
            chosen: None,
            has_focus: false,
        }
    }

    /// What the next member senses, which would sense `sense` by itself. Members come in the order in which the arrows go through them.
    pub fn sense(&mut self, member: Id, sense: Sense, is_chosen: bool) -> Sense {
        let is_first = self.members.is_empty();
        self.members.push(member);
        if is_chosen {
            self.chosen = Some(member);
        }
        // A screen reader may give the focus to any of them; egui knows of those that can have it already.
        let is_asked = self
            .context
            .input(|input| input.has_accesskit_action_request(member, Action::Focus));
        if is_asked {
            self.go_to(member);
        } else if self.context.memory(|memory| memory.has_focus(member)) {
            self.stop = Some(member);
            self.has_focus = true;
        }
        let stops = self.stop.map_or(is_first, |stop| stop == member);
        if stops {
            sense | Sense::FOCUSABLE
        } else {
            sense.difference(Sense::FOCUSABLE)
        }
    }

    /// Moves the focus on from `member` if it has it and an arrow key was pressed.
    pub fn follow(&mut self, ui: &Ui, member: &Response) {
        self.tell(member);
        if !member.has_focus() {
            return;
        }
        let (right, up) = steps::arrows(ui, member.id);
        let steps = right - up;
        let place = self.before.iter().position(|id| *id == member.id);
        if let (Some(place), true) = (place, steps != 0.0) {
            let last = self.before.len().saturating_sub(1);
            let next = place.saturating_add_signed(steps as isize).min(last);
            if let Some(next) = self.before.get(next).copied() {
                self.go_to(next);
            }
        }
    }

    /// Tells screen readers that a member can have the focus, also while Tab passes it by.
    pub fn tell(&self, member: &Response) {
        self.context.accesskit_node_builder(member.id, |node| {
            node.add_action(Action::Focus);
        });
    }

    /// Gives the focus to a member.
    pub fn go_to(&mut self, member: Id) {
        self.stop = Some(member);
        self.has_focus = true;
        self.context
            .memory_mut(|memory| memory.request_focus(member));
        self.context.request_repaint();
    }
}

impl Drop for FocusGroup {
    fn drop(&mut self) {
        // Tab comes back to what is chosen, if something is.
        let stop = match self.chosen {
            Some(chosen) if !self.has_focus => Some(chosen),
            _ => self.stop,
        };
        let remembered = Remembered {
            members: std::mem::take(&mut self.members),
            stop,
        };
        self.context
            .data_mut(|data| data.insert_temp(self.id, remembered));
    }
}

#[cfg(test)]
mod tests {
    use egui::{Key, Modifiers, Pos2, Rect, Vec2};
    use egui_kittest::Harness;

    use super::*;

    /// Two groups of three, the second with its last member chosen, and a button between them.
    fn draw(ui: &mut Ui, focused: &mut Option<(usize, usize)>) {
        *focused = None;
        for row in 0..3 {
            let mut group = (row != 1).then(|| FocusGroup::new(ui, &format!("row {row}")));
            for column in 0..if row == 1 { 1 } else { 3 } {
                let id = ui.scope_id().with((row, column));
                let at = Pos2::new(30.0 * column as f32, 30.0 * row as f32);
                let place = Rect::from_min_size(at, Vec2::splat(20.0));
                let sense = match &mut group {
                    Some(group) => group.sense(id, Sense::click(), row == 2 && column == 2),
                    None => Sense::click(),
                };
                let response = ui.interact(place, id, sense);
                if let Some(group) = &mut group {
                    group.follow(ui, &response);
                }
                if response.has_focus() {
                    *focused = Some((row, column));
                }
            }
        }
    }

    #[test]
    fn a_group_is_one_stop_and_the_arrows_move_inside() {
        let mut harness = Harness::new_ui_state(draw, None);
        harness.run();
        let mut press = |key: Key, modifiers: Modifiers| {
            harness.key_press_modifiers(modifiers, key);
            harness.run();
            *harness.state()
        };
        let (tab, back) = (Modifiers::NONE, Modifiers::SHIFT);
        assert_eq!(press(Key::Tab, tab), Some((0, 0)));
        assert_eq!(press(Key::ArrowRight, tab), Some((0, 1)));
        assert_eq!(press(Key::ArrowDown, tab), Some((0, 2)));
        assert_eq!(press(Key::ArrowRight, tab), Some((0, 2)), "the last");
        assert_eq!(press(Key::ArrowLeft, tab), Some((0, 1)));
        assert_eq!(press(Key::Tab, tab), Some((1, 0)));
        assert_eq!(press(Key::Tab, tab), Some((2, 2)), "the chosen one");
        assert_eq!(press(Key::ArrowUp, tab), Some((2, 1)));
        assert_eq!(press(Key::Tab, back), Some((1, 0)));
        assert_eq!(press(Key::Tab, back), Some((0, 1)), "where it was");
        press(Key::Tab, tab);
        assert_eq!(press(Key::Tab, tab), Some((2, 2)), "the chosen one again");
    }
}
