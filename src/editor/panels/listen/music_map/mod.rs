//! The map of music: songs as dots, where among them the sound is and was lately, what it is close to, and the places that were kept.

use egui::{Align2, CornerRadius, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo};

use self::{dots::Dots, kept::KeepMenu, plane::Plane};
use crate::{
    editor::{
        look::{self, Metrics},
        scene::Scene,
        widgets::help,
    },
    model::{MusicMap, Song},
    params::KeptPlace,
    telemetry::{ListenState, Snapshot},
};

mod dots;
mod kept;
mod legend;
mod plane;
mod shown;
mod sound;
mod walk;

pub use shown::MapShown;

/// Height of the head, and of a line of words, in spacing units.
const HEAD: f32 = 2.25;
const LINE: f32 = 2.1;
/// Room for what the sound is close to: a line of its own, and one for each song.
const WORDS: f32 = 4.0 * LINE;
/// The least side of the plane, in spacing units.
const LEAST_PLANE: f32 = 16.0;
/// The least width of the words where they stand beside the plane, in spacing units.
const LEAST_BESIDE: f32 = 22.0;

/// What the map remembers between two frames, on the window's thread.
#[derive(Debug, Default)]
pub struct MusicMapPanel {
    dots: Option<Dots>,
    /// The song that the keys have chosen.
    chosen: Option<usize>,
    keep: KeepMenu,
}

/// Where the parts are.
struct Places {
    head: Rect,
    plane: Rect,
    words: Rect,
    /// `None` where there is no room for it.
    legend: Option<Rect>,
}

impl Places {
    /// The parts in `rect`: the words below the plane in a high room, beside it in a wide one. The legend yields first, then the songs
    /// from the last on.
    fn new(metrics: Metrics, rect: Rect, map: &MusicMap) -> Self {
        let (head, body) = rect.split_top_bottom_at_y(rect.top() + metrics.units(HEAD));
        let body = body.with_min_y(body.top() + metrics.units(0.5));
        let gap = metrics.units(1.0);
        let (words_height, legend_height) = (
            metrics.units(WORDS),
            metrics.units(legend::height(map.genres.len())),
        );
        let beside = body.width() - body.height() - gap;
        if beside >= metrics.units(LEAST_BESIDE) {
            let (plane, side) = body.split_left_right_at_x(body.left() + body.height());
            let side = side.with_min_x(side.left() + gap);
            let (words, legend) = side.split_top_bottom_at_y(side.top() + words_height);
            let has_room = legend.height() >= gap + legend_height;
            return Self {
                head,
                plane,
                words,
                legend: has_room.then(|| legend.with_min_y(legend.bottom() - legend_height)),
            };
        }
        let most = body.width().min(body.height());
        let with_all = body.height() - words_height - legend_height - 2.0 * gap;
        let has_room = with_all >= metrics.units(LEAST_PLANE);
        let below = if has_room {
            with_all
        } else {
            (body.height() - words_height - gap).max(metrics.units(LEAST_PLANE))
        };
        let (plane, rest) = body.split_top_bottom_at_y(body.top() + most.min(below));
        let (words, legend) = rest
            .with_min_y(rest.top() + 0.5 * gap)
            .split_top_bottom_at_y(rest.top() + 0.5 * gap + words_height);
        Self {
            head,
            plane,
            words,
            legend: has_room.then(|| {
                legend
                    .with_min_y(legend.top() + 0.5 * gap)
                    .with_max_y(legend.top() + 0.5 * gap + legend_height)
            }),
        }
    }
}

impl MusicMapPanel {
    /// Draws the map into `rect`; at the head's right end `taken` is left free.
    pub fn draw(&mut self, ui: &Ui, scene: &mut Scene<'_>, rect: Rect, taken: f32, map: &MusicMap) {
        let (metrics, snapshot) = (scene.metrics, scene.snapshot);
        let places = Places::new(metrics, rect, map);
        let thread = scene.edit.recorder.thread();
        let mut kept = scene.params.places.get(thread);
        kept.retain(|place| place.map == map.id);

        let head = places.head.with_max_x(places.head.right() - taken);
        self.draw_head(ui, scene, head, map);
        self.draw_plane(ui, scene, places.plane, map, &kept);
        draw_words(ui, metrics, places.words, snapshot, map);
        if let Some(rect) = places.legend {
            legend::draw(ui, metrics, rect, map);
        }
    }

    fn draw_head(&mut self, ui: &Ui, scene: &mut Scene<'_>, rect: Rect, map: &MusicMap) {
        let metrics = scene.metrics;
        let keep = self.keep.draw(ui, scene, rect, map);
        let title = look::label(
            ui,
            rect.with_max_x(keep.left() - metrics.units(0.5)),
            Align2::LEFT_CENTER,
            "Map of music",
            metrics.body(),
            metrics.palette.text,
        );
        help::tip_with(title, || {
            format!(
                "{} songs, near each other as they are alike to the tagger; the ring is what plays",
                map.songs.len()
            )
        });
    }

    fn draw_plane(
        &mut self,
        ui: &Ui,
        scene: &Scene<'_>,
        rect: Rect,
        map: &MusicMap,
        kept: &[KeptPlace],
    ) {
        let (metrics, snapshot) = (scene.metrics, scene.snapshot);
        let palette = metrics.palette;
        let response = ui.interact(rect, ui.scope_id().with("music map"), Sense::click());
        let plane = Plane::new(metrics, rect);
        let edge = if response.has_focus() {
            palette.accent
        } else {
            palette.edge
        };
        ui.painter().rect(
            rect,
            CornerRadius::same(look::rounded(metrics.units(0.5))),
            palette.background,
            Stroke::new(1.0, edge),
            egui::StrokeKind::Inside,
        );
        let drawn = self.dots.take();
        let drawn = drawn.filter(|dots| dots.is_of(map, rect, metrics.theme));
        let drawn = drawn.unwrap_or_else(|| Dots::new(metrics, plane, map));
        let dots = &*self.dots.insert(drawn);
        dots.draw(ui);

        self.chosen = walk::follow(ui, &response, map, snapshot.readout.place, self.chosen);
        let pointed = response
            .hover_pos()
            .and_then(|at| dots.nearest(metrics, at));
        let chosen = self.chosen.filter(|_| response.has_focus());
        sound::draw_trail(ui, metrics, plane, snapshot);
        for place in kept {
            kept::draw_mark(ui, metrics, plane, place);
        }
        sound::draw_dot(ui, metrics, plane, snapshot);
        let song = pointed.or(chosen).and_then(|index| map.songs.get(index));
        if let Some(song) = song {
            draw_name(ui, metrics, plane, song);
        }

        let said = said(snapshot, map);
        response.widget_info(|| WidgetInfo {
            current_text_value: Some(match song {
                Some(song) => in_words(song, map),
                None => said.clone(),
            }),
            ..WidgetInfo::labeled(Role::Image, true, "Map of music")
        });
        help::tip_with(response, || match song {
            Some(song) => in_words(song, map),
            None => {
                format!("{said}; point at a dot, or press an arrow key, to read which song it is")
            }
        });
    }
}

/// A song's title and who made it.
fn titled(song: &Song) -> String {
    format!("{} - {}", song.title, song.artist)
}

/// What a song is, in a line.
fn in_words(song: &Song, map: &MusicMap) -> String {
    let genre = song.genre.and_then(|genre| map.genres.get(genre));
    let mut words = titled(song);
    for more in genre.into_iter().chain([&song.licence]) {
        if !more.is_empty() {
            words.push_str("; ");
            words.push_str(more);
        }
    }
    words
}

/// Why there is no place for what plays, or what it is close to, in a line.
fn said(snapshot: &Snapshot, map: &MusicMap) -> String {
    let Some(place) = snapshot.readout.place else {
        return without_place(snapshot.readout.state).to_owned();
    };
    let songs = place
        .nearest
        .iter()
        .filter_map(|index| map.songs.get(*index));
    let songs: Vec<_> = songs.map(titled).collect();
    format!(
        "{} {}",
        introduction(snapshot, place.is_familiar),
        songs.join(", ")
    )
}

/// What stands in front of the songs that are nearest.
fn introduction(snapshot: &Snapshot, is_familiar: bool) -> &'static str {
    match (is_familiar, snapshot.readout.state) {
        (false, _) => "Like none of these songs; least unlike:",
        (true, ListenState::WarmingUp) => "A first guess, close to:",
        (true, _) => "Close to:",
    }
}

/// What is said where nothing has a place.
fn without_place(state: ListenState) -> &'static str {
    match state {
        ListenState::Silence => "Silence has no place among songs",
        ListenState::Unavailable => "No tagger, no place among songs",
        _ => "Play something, and it appears among these songs",
    }
}

/// Draws what the sound is close to, as many songs as there is room for.
fn draw_words(ui: &Ui, metrics: Metrics, rect: Rect, snapshot: &Snapshot, map: &MusicMap) {
    let palette = metrics.palette;
    let place = snapshot.readout.place;
    let height = metrics.units(LINE);
    let line = |index: usize| {
        let top = rect.top() + index as f32 * height;
        let line = rect.with_min_y(top).with_max_y(top + height);
        (line.bottom() <= rect.bottom() + 0.5).then_some(line)
    };
    let first = match place {
        Some(place) => introduction(snapshot, place.is_familiar),
        None => without_place(snapshot.readout.state),
    };
    if let Some(line) = line(0) {
        let (align, small) = (Align2::LEFT_CENTER, metrics.small());
        let label = look::label(ui, line, align, first, small, palette.dim);
        help::tip(label, FAR);
    }
    let is_familiar = place.is_some_and(|place| place.is_familiar);
    let songs = place.into_iter().flat_map(|place| place.nearest);
    for (rank, song) in songs.filter_map(|index| map.songs.get(index)).enumerate() {
        let Some(line) = line(rank + 1) else { break };
        let dot = Pos2::new(line.left() + metrics.units(0.5), line.center().y);
        legend::draw_mark(ui, metrics, dot, song.genre, map.genres.len());
        let color = if rank == 0 && is_familiar {
            palette.text
        } else {
            palette.dim
        };
        let room = line.with_min_x(line.left() + metrics.units(1.5));
        let text = titled(song);
        let font = if rank == 0 {
            metrics.body()
        } else {
            metrics.small()
        };
        let label = look::label(ui, room, Align2::LEFT_CENTER, &text, font, color);
        help::tip_with(label, || in_words(song, map));
    }
}

/// How the songs are found, and when they are said not to be near.
const FAR: &str = "The songs whose averaged embedding is nearest to that of what plays; what is farther from all of them than new music usually is, is like none";

/// Draws the name of a song beside its dot.
fn draw_name(ui: &Ui, metrics: Metrics, plane: Plane, song: &Song) {
    let palette = metrics.palette;
    let dot = plane.screen(song.at);
    ui.painter().circle_stroke(
        dot,
        metrics.units(0.75),
        Stroke::new(metrics.units(0.2), palette.text),
    );
    let text = titled(song);
    plane.name(ui, metrics, dot, &text);
}
