//! The marks of songs, by genre, and what each stands for: told apart by colour and, of two neighbouring colours, by shape.

use egui::{Align2, Color32, Mesh, Pos2, Rect, Shape, Ui, Vec2};

use crate::{
    editor::{
        look::{self, Metrics},
        widgets::help,
    },
    model::MusicMap,
};

/// Height of a line, in spacing units; there are two genres on each.
const LINE: f32 = 1.9;
/// Half the size of a mark, in spacing units.
const SIZE: f32 = 0.4;
/// Corners of a round mark.
const CORNERS: usize = 10;

/// What a legend of so many genres wants, in spacing units.
pub fn height(genres: usize) -> f32 {
    LINE * genres.div_ceil(2) as f32
}

/// The colour of a genre of so many; songs without one are grey.
fn color(metrics: Metrics, genre: Option<usize>, genres: usize) -> Color32 {
    let palette = metrics.palette;
    match genre {
        Some(genre) => {
            let turn = genre as f32 / genres.max(1) as f32;
            palette.mood_at(Vec2::angled(std::f32::consts::TAU * turn))
        }
        None => look::mix(palette.background, palette.dim, 0.6),
    }
}

/// Adds a song's mark to a mesh.
pub fn add_mark(mesh: &mut Mesh, metrics: Metrics, at: Pos2, genre: Option<usize>, genres: usize) {
    let color = color(metrics, genre, genres);
    let is_round = genre.is_none_or(|genre| genre.is_multiple_of(2));
    let (corners, radius) = if is_round {
        (CORNERS, metrics.units(SIZE))
    } else {
        (4, metrics.units(1.25 * SIZE))
    };
    let first = mesh.vertices.len() as u32;
    for corner in 0..corners {
        let turn = std::f32::consts::TAU * corner as f32 / corners as f32;
        mesh.colored_vertex(at + radius * Vec2::angled(turn), color);
        let last = first + corner as u32;
        if corner > 1 {
            mesh.add_triangle(first, last - 1, last);
        }
    }
}

/// Draws the mark of a song of that genre.
pub fn draw_mark(ui: &Ui, metrics: Metrics, at: Pos2, genre: Option<usize>, genres: usize) {
    let mut mesh = Mesh::default();
    add_mark(&mut mesh, metrics, at, genre, genres);
    ui.painter().add(Shape::mesh(mesh));
}

/// Draws the legend into `rect`, two genres on a line.
pub fn draw(ui: &Ui, metrics: Metrics, rect: Rect, map: &MusicMap) {
    let genres = map.genres.len();
    let lines = genres.div_ceil(2).max(1);
    let (width, height) = (rect.width() / 2.0, metrics.units(LINE));
    for (index, genre) in map.genres.iter().enumerate() {
        let corner = Vec2::new(
            (index / lines) as f32 * width,
            (index % lines) as f32 * height,
        );
        let cell = Rect::from_min_size(rect.min + corner, Vec2::new(width, height));
        let dot = Pos2::new(cell.left() + metrics.units(0.5), cell.center().y);
        draw_mark(ui, metrics, dot, Some(index), genres);
        let room = cell
            .with_min_x(cell.left() + metrics.units(1.5))
            .with_max_x(cell.right() - metrics.units(0.5));
        let (align, ink) = (Align2::LEFT_CENTER, metrics.palette.dim);
        let label = look::label(ui, room, align, genre, metrics.small(), ink);
        let count = map.songs.iter().filter(|song| song.genre == Some(index));
        let count = count.count();
        help::tip_with(label, || {
            format!("{count} songs of the map are {genre}; grey ones are of no genre that is known")
        });
    }
}
