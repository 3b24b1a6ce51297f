//! From song to song with the arrow keys.

use egui::{Response, Ui, Vec2};

use crate::{
    editor::input::steps,
    model::{MusicMap, MusicPlace},
};

/// Answers the arrow keys, while the map has the focus, with the nearest song in that direction; gives the chosen one. The first is the song
/// that the sound is closest to.
pub fn follow(
    ui: &Ui,
    response: &Response,
    map: &MusicMap,
    place: Option<MusicPlace>,
    chosen: Option<usize>,
) -> Option<usize> {
    if response.clicked() {
        response.request_focus();
    }
    if !response.has_focus() {
        return chosen;
    }
    let (right, up) = steps::arrows(ui, response.id);
    if right == 0.0 && up == 0.0 {
        return chosen;
    }
    match chosen {
        Some(from) => next(map, from, Vec2::new(right, up)).or(chosen),
        None => place.map_or(Some(0), |place| place.nearest.first().copied()),
    }
}

/// The nearest song that lies in that direction, at most half a right angle beside it.
fn next(map: &MusicMap, from: usize, direction: Vec2) -> Option<usize> {
    let at = |song: &[f32; 2]| Vec2::new(song[0], song[1]);
    let origin = at(&map.songs.get(from)?.at);
    let direction = direction.normalized();
    let songs = map.songs.iter().enumerate().filter_map(|(index, song)| {
        let way = at(&song.at) - origin;
        let along = way.dot(direction);
        let is_there =
            index != from && along > 0.0 && along >= std::f32::consts::FRAC_1_SQRT_2 * way.length();
        is_there.then_some((index, way.length()))
    });
    let nearest = songs.min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.map(|(index, _)| index)
}
