//! The songs as dots: a mesh that is made once for a map, a size and a theme.

use std::sync::Arc;

use egui::{Mesh, Pos2, Rect, Shape, Ui};

use super::{legend, plane::Plane};
use crate::{
    editor::look::{Metrics, Theme},
    model::MusicMap,
};

/// How near the pointer must be to a song to name it, in spacing units.
const REACH: f32 = 1.5;

/// The dots as they were drawn last.
#[derive(Debug)]
pub struct Dots {
    map: String,
    rect: Rect,
    theme: Theme,
    /// Each song's place.
    points: Vec<Pos2>,
    mesh: Arc<Mesh>,
}

impl Dots {
    /// Places a map's songs.
    pub fn new(metrics: Metrics, plane: Plane, map: &MusicMap) -> Self {
        let points = map.songs.iter().map(|song| plane.screen(song.at));
        let points: Vec<Pos2> = points.collect();
        let mut mesh = Mesh::default();
        for (song, at) in map.songs.iter().zip(&points) {
            legend::add_mark(&mut mesh, metrics, *at, song.genre, map.genres.len());
        }
        Self {
            map: map.id.clone(),
            rect: plane.rect,
            theme: metrics.theme,
            points,
            mesh: Arc::new(mesh),
        }
    }

    /// Whether they are these.
    pub fn is_of(&self, map: &MusicMap, rect: Rect, theme: Theme) -> bool {
        self.map == map.id && self.rect == rect && self.theme == theme
    }

    /// Draws them.
    pub fn draw(&self, ui: &Ui) {
        ui.painter().add(Shape::mesh(self.mesh.clone()));
    }

    /// The song at a point, if there is one within reach.
    pub fn nearest(&self, metrics: Metrics, at: Pos2) -> Option<usize> {
        let apart = self.points.iter().map(|point| point.distance(at));
        let nearest = apart.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        nearest
            .filter(|(_, apart)| *apart <= metrics.units(REACH))
            .map(|(index, _)| index)
    }
}
