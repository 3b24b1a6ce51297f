//! Frames of rectangles, painted into a picture of one pixel in a hundred.

use egui::{Color32, CornerRadius, Pos2, Stroke, epaint::RectShape};
use proptest::{collection::vec, prelude::*};

use super::*;

/// From one pixel that is looked at to the next, in pixels and in points.
const STEP: f32 = 10.0;
/// Pixels that are looked at, across and down.
const WIDTH: usize = 96;
const HEIGHT: usize = 62;
const FACE: Color32 = Color32::from_rgb(20, 20, 30);

type Picture = Vec<Color32>;

/// Paints filled rectangles over a picture.
fn paint(picture: &mut Picture, shapes: &[ClippedShape]) {
    for ClippedShape {
        clip_rect, shape, ..
    } in shapes
    {
        let Shape::Rect(rect) = shape else {
            panic!("{shape:?}");
        };
        let outline = rect.rect.shrink(rect.stroke.width);
        for (index, pixel) in picture.iter_mut().enumerate() {
            let at = |index: usize| STEP * index as f32 + 0.5 * STEP;
            let at = Pos2::new(at(index % WIDTH), at(index / WIDTH));
            if clip_rect.contains(at) && rect.rect.contains(at) {
                let is_edge = rect.stroke.width > 0.0 && !outline.contains(at);
                let color = if is_edge {
                    rect.stroke.color
                } else {
                    rect.fill
                };
                *pixel = pixel.blend(color);
            }
        }
    }
}

fn ground(rect: Rect) -> ClippedShape {
    ClippedShape::new(rect, RectShape::filled(rect, CornerRadius::ZERO, FACE))
}

fn window() -> Rect {
    let size = egui::vec2(WIDTH as f32, HEIGHT as f32);
    Rect::from_min_size(Pos2::ZERO, STEP * size)
}

fn shape() -> impl Strategy<Value = ClippedShape> {
    let rect = (0..WIDTH, 0..HEIGHT, 1..40_usize, 1..20_usize).prop_map(|(x, y, width, height)| {
        let at = |index: usize| STEP * index as f32;
        Rect::from_min_size(Pos2::new(at(x), at(y)), egui::vec2(at(width), at(height)))
    });
    let color = (any::<u8>(), any::<u8>(), 1..=255_u8)
        .prop_map(|(red, green, alpha)| Color32::from_rgba_unmultiplied(red, green, 9, alpha));
    (rect.clone(), rect, color, any::<bool>()).prop_map(|(rect, clip, color, is_hollow)| {
        let shape = if is_hollow {
            let stroke = Stroke::new(STEP, color);
            let corner = CornerRadius::ZERO;
            RectShape::stroke(rect, corner, stroke, StrokeKind::Inside)
        } else {
            RectShape::filled(rect, CornerRadius::ZERO, color)
        };
        ClippedShape::new(clip.union(rect), shape)
    })
}

/// Two frames: the second has lost some shapes of the first, and got others.
fn frames() -> impl Strategy<Value = [Vec<ClippedShape>; 2]> {
    vec((shape(), 0..8_u8, shape()), 0..60).prop_map(|shapes| {
        let before = shapes.iter().map(|(shape, ..)| shape.clone()).collect();
        let now = shapes
            .into_iter()
            .flat_map(|(shape, what, other)| match what {
                0 => vec![],
                1 => vec![other],
                2 => vec![shape, other],
                _ => vec![shape],
            });
        [before, now.collect()]
    })
}

proptest! {
    #[test]
    #[cfg_attr(miri, ignore = "thousands of pictures: hours")]
    fn painting_what_has_changed_gives_the_whole_picture([before, now] in frames()) {
        let mut whole = vec![FACE; WIDTH * HEIGHT];
        paint(&mut whole, &now);
        let mut parts = vec![FACE; WIDTH * HEIGHT];
        paint(&mut parts, &before);
        let areas = changes(&before, &now, (window(), 1.0), |_| false);
        let ground: Vec<_> = areas.iter().map(|area| ground(area.rect(1.0))).collect();
        paint(&mut parts, &ground);
        paint(&mut parts, &within(&now, &areas, 1.0));
        prop_assert!(whole == parts, "{areas:?}");
    }
}

fn filled(rect: Rect) -> ClippedShape {
    ClippedShape::new(window(), RectShape::filled(rect, CornerRadius::ZERO, FACE))
}

#[test]
fn what_is_the_same_is_not_painted() {
    let bars = |level: f32| -> Vec<ClippedShape> {
        let bar = |left: f32, height: f32| {
            filled(Rect::from_min_size(
                Pos2::new(left, 100.0),
                egui::vec2(10.0, height),
            ))
        };
        let mut shapes: Vec<_> = (0..50)
            .map(|index| bar(10.0 * index as f32, 50.0))
            .collect();
        shapes.push(bar(700.0, level));
        shapes.extend((0..50).map(|index| bar(10.0 * index as f32, 400.0)));
        shapes
    };
    let (before, now) = (bars(30.0), bars(31.0));
    assert!(changes(&before, &before, (window(), 1.0), |_| false).is_empty());
    let areas = changes(&before, &now, (window(), 1.0), |_| false);
    let rects: Vec<Rect> = areas.iter().map(|area| area.rect(1.0)).collect();
    let [rect] = rects[..] else {
        panic!("{rects:?}");
    };
    assert!(rect.left() > 690.0 && rect.width() < 20.0, "{rect}");
    assert_eq!(within(&now, &areas, 1.0).len(), 1);
}

/// The mood ring goes around all of the window.
#[test]
fn of_an_outline_the_inside_is_not_painted() {
    let ring = |color: Color32| {
        let stroke = Stroke::new(4.0, color);
        let shape = RectShape::stroke(window(), CornerRadius::ZERO, stroke, StrokeKind::Inside);
        [ClippedShape::new(window(), shape)]
    };
    let areas = changes(
        &ring(Color32::RED),
        &ring(Color32::BLUE),
        (window(), 1.0),
        |_| false,
    );
    let size = |rect: Rect| rect.width() * rect.height();
    let painted: f32 = areas.iter().map(|area| size(area.rect(1.0))).sum();
    assert!(painted < 0.06 * size(window()), "{areas:?}");
}

#[test]
fn what_shows_another_texture_is_painted() {
    let image = |id| {
        let rect = window().shrink(100.0);
        let mut mesh = egui::Mesh::with_texture(id);
        mesh.add_rect_with_uv(rect, rect, Color32::WHITE);
        [ClippedShape::new(window(), mesh)]
    };
    let id = TextureId::Managed(7);
    let count =
        |new: TextureId| changes(&image(id), &image(id), (window(), 1.0), |it| it == new).len();
    assert_eq!(count(TextureId::Managed(8)), 0);
    assert_eq!(count(id), 1);
}
