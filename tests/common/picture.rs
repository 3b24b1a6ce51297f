//! Pictures of the editor without a GPU: egui's triangles, rasterised as its shader would, one thread, no random numbers.

use std::{cell::RefCell, collections::HashMap, path::Path, rc::Rc};

use egui::{
    Color32, ColorImage, ImageData, Pos2, Rect, TextureId, TexturesDelta, Vec2,
    epaint::{Mesh, Primitive, Vertex},
};
use egui_kittest::{Harness, TestRenderer};

/// Set to 1, it makes the tests write the stored pictures anew.
const UPDATE: &str = "MOODRING_UPDATE_PICTURES";

/// A byte of a colour may be off by so much before its pixel counts as different: rounding, in the shapes of letters.
const SAME: u8 = 12;
/// So many pixels may differ, as a share of all.
const FEW: f64 = 0.002;
/// So much may all bytes differ on average.
const LITTLE: f64 = 0.25;

/// The textures that the editor has uploaded. Clones share them: one for the harness, one to draw from.
#[derive(Default, Clone)]
pub struct Textures(Rc<RefCell<HashMap<TextureId, ColorImage>>>);

impl TestRenderer for Textures {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut textures = self.0.borrow_mut();
        for (id, changes) in delta.set.drain() {
            for change in changes {
                let ImageData::Color(image) = change.image;
                match change.pos {
                    None => {
                        textures.insert(id, (*image).clone());
                    }
                    Some([left, top]) => {
                        let whole = textures.get_mut(&id).expect("a texture to change");
                        for row in 0..image.height() {
                            for column in 0..image.width() {
                                whole[(left + column, top + row)] = image[(column, row)];
                            }
                        }
                    }
                }
            }
        }
        for id in delta.free.drain() {
            textures.remove(&id);
        }
    }
}

/// Writes what a window of X11 shows into a file of that name in the folder that `MOODRING_KEEP_PICTURES` names, for whoever wants to look
/// at it.
#[cfg(target_os = "linux")]
pub fn screenshot(window: u32, name: &str) {
    if let Some(folder) = std::env::var_os("MOODRING_KEEP_PICTURES") {
        write(&Path::new(&folder).join(name), &pixels(window));
    }
}

/// What a window of X11 shows.
#[cfg(target_os = "linux")]
pub fn pixels(window: u32) -> ColorImage {
    use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};

    let (connection, _) = x11rb::connect(None).unwrap();
    let size = connection.get_geometry(window).unwrap().reply().unwrap();
    let (width, height) = (size.width, size.height);
    let image = connection
        .get_image(ImageFormat::Z_PIXMAP, window, 0, 0, width, height, !0)
        .unwrap()
        .reply()
        .unwrap();
    let rgb: Vec<u8> = image
        .data
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[2], pixel[1], pixel[0]])
        .collect();
    ColorImage::from_rgb([width.into(), height.into()], &rgb)
}

/// A picture of what the harness drew last on `cleared`, without the room that it puts around it.
pub fn picture<State>(
    harness: &Harness<'_, State>,
    textures: &Textures,
    margin: f32,
    cleared: Color32,
) -> ColorImage {
    let scale = harness.ctx.pixels_per_point();
    let primitives = harness
        .ctx
        .tessellate(harness.output().shapes.clone(), scale);
    let inside = harness.ctx.content_rect().shrink(margin);
    let size = (inside.size() * scale).round();
    let mut canvas = Canvas {
        image: ColorImage::filled([size.x as usize, size.y as usize], cleared),
        origin: inside.min,
        scale,
    };
    let textures = textures.0.borrow();
    for primitive in primitives {
        match primitive.primitive {
            Primitive::Mesh(mesh) => {
                let texture = textures.get(&mesh.texture_id).expect("an uploaded texture");
                canvas.mesh(&mesh, texture, primitive.clip_rect);
            }
            Primitive::Callback(_) => panic!("the editor draws with egui's shapes alone"),
        }
    }
    canvas.image
}

struct Canvas {
    image: ColorImage,
    /// The point that the first pixel's corner is at.
    origin: Pos2,
    /// Pixels per point.
    scale: f32,
}

impl Canvas {
    fn mesh(&mut self, mesh: &Mesh, texture: &ColorImage, clip: Rect) {
        let (origin, scale) = (self.origin, self.scale);
        let place = |at: Pos2| ((at - origin) * scale).to_pos2();
        let whole = Vec2::new(self.image.width() as f32, self.image.height() as f32);
        let clip = Rect::from_min_max(place(clip.min).round(), place(clip.max).round())
            .intersect(Rect::from_min_size(Pos2::ZERO, whole));
        for corners in mesh.indices.chunks_exact(3) {
            let [a, b, c] =
                [corners[0], corners[1], corners[2]].map(|index| mesh.vertices[index as usize]);
            self.triangle(
                [a, b, c].map(|vertex| Vertex {
                    pos: place(vertex.pos),
                    ..vertex
                }),
                texture,
                clip,
            );
        }
    }

    fn triangle(&mut self, [a, mut b, mut c]: [Vertex; 3], texture: &ColorImage, clip: Rect) {
        let mut area = edge(a.pos, b.pos, c.pos);
        if area == 0.0 {
            return;
        }
        if area < 0.0 {
            std::mem::swap(&mut b, &mut c);
            area = -area;
        }
        let around = Rect::from_points(&[a.pos, b.pos, c.pos]).intersect(clip);
        if around.is_negative() {
            return;
        }
        let (left, right) = (
            around.left().floor() as usize,
            around.right().ceil() as usize,
        );
        let (top, bottom) = (
            around.top().floor() as usize,
            around.bottom().ceil() as usize,
        );
        for y in top..bottom.min(clip.bottom() as usize) {
            for x in left..right.min(clip.right() as usize) {
                let at = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
                if !clip.contains(at) {
                    continue;
                }
                let inside = |from: Pos2, to: Pos2| {
                    let distance = edge(from, to, at);
                    // A pixel on the edge of two triangles belongs to one of them.
                    let top_left = to.y < from.y || (to.y == from.y && to.x > from.x);
                    (distance > 0.0 || (distance == 0.0 && top_left)).then_some(distance / area)
                };
                let (Some(of_a), Some(of_b), Some(of_c)) = (
                    inside(b.pos, c.pos),
                    inside(c.pos, a.pos),
                    inside(a.pos, b.pos),
                ) else {
                    continue;
                };
                let blend = |of: fn(&Vertex) -> f32| of(&a) * of_a + of(&b) * of_b + of(&c) * of_c;
                let texel = sample(texture, blend(|v| v.uv.x), blend(|v| v.uv.y));
                let color = [
                    blend(|v| f32::from(v.color.r())),
                    blend(|v| f32::from(v.color.g())),
                    blend(|v| f32::from(v.color.b())),
                    blend(|v| f32::from(v.color.a())),
                ];
                let under = self.image[(x, y)].to_array();
                let opaque = 1.0 - color[3] / 255.0 * texel[3] / 255.0;
                let mixed: [u8; 4] = std::array::from_fn(|channel| {
                    let over = color[channel] * texel[channel] / 255.0;
                    (over + f32::from(under[channel]) * opaque)
                        .round()
                        .clamp(0.0, 255.0) as u8
                });
                let [r, g, b, a] = mixed;
                self.image[(x, y)] = Color32::from_rgba_premultiplied(r, g, b, a);
            }
        }
    }
}

/// Twice the area of the triangle, negative if it turns the other way.
fn edge(from: Pos2, to: Pos2, at: Pos2) -> f32 {
    (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x)
}

/// The texture's colour between its four nearest pixels, each channel 0 to 255.
fn sample(texture: &ColorImage, u: f32, v: f32) -> [f32; 4] {
    let (width, height) = (texture.width(), texture.height());
    let x = (u * width as f32 - 0.5).clamp(0.0, (width - 1) as f32);
    let y = (v * height as f32 - 0.5).clamp(0.0, (height - 1) as f32);
    let (left, top) = (x as usize, y as usize);
    let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let (along, down) = (x.fract(), y.fract());
    let pixel = |x: usize, y: usize| texture[(x, y)].to_array().map(f32::from);
    let (a, b, c, d) = (
        pixel(left, top),
        pixel(right, top),
        pixel(left, bottom),
        pixel(right, bottom),
    );
    std::array::from_fn(|channel| {
        let upper = a[channel] + (b[channel] - a[channel]) * along;
        let lower = c[channel] + (d[channel] - c[channel]) * along;
        upper + (lower - upper) * down
    })
}

/// Writes a picture as PNG, without its opacity, which is full everywhere.
fn write(path: &Path, picture: &ColorImage) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut encoder = png::Encoder::new(file, picture.width() as u32, picture.height() as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    // Flat colours repeat as they are.
    encoder.set_filter(png::Filter::NoFilter);
    let bytes: Vec<u8> = picture
        .pixels
        .iter()
        .flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()])
        .collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&bytes).unwrap();
}

/// Reads a PNG file.
pub fn read(path: &Path) -> ColorImage {
    let file = std::fs::File::open(path)
        .unwrap_or_else(|why| panic!("{}: {why}: set {UPDATE}=1 to make it", path.display()));
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let size = [info.width as usize, info.height as usize];
    ColorImage::from_rgb(size, &bytes[..info.buffer_size()])
}

/// The picture at half its size, each pixel the mean of four: a third of the bytes, and all that a comparison needs.
pub fn halved(picture: &ColorImage) -> ColorImage {
    let size = [picture.width() / 2, picture.height() / 2];
    let mut half = ColorImage::filled(size, Color32::BLACK);
    for y in 0..size[1] {
        for x in 0..size[0] {
            let four = [(0, 0), (1, 0), (0, 1), (1, 1)]
                .map(|(right, down)| picture[(2 * x + right, 2 * y + down)].to_array());
            let [red, green, blue] = [0, 1, 2].map(|channel| {
                let sum: u16 = four.iter().map(|pixel| u16::from(pixel[channel])).sum();
                (sum / 4) as u8
            });
            half[(x, y)] = Color32::from_rgb(red, green, blue);
        }
    }
    half
}

/// Whether the stored pictures are to be made anew.
pub fn is_updating() -> bool {
    std::env::var_os(UPDATE).is_some_and(|update| update == "1")
}

/// Stores a picture at `path` below the project's folder.
pub fn store(path: &str, picture: &ColorImage) {
    write(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path), picture);
}

/// Compares a picture with the one at `path` below the project's folder, or stores it there. One that differs too much is
/// left beside the test's other files, to be looked at.
pub fn compare(path: &str, picture: &ColorImage) -> Result<(), String> {
    if is_updating() {
        store(path, picture);
        return Ok(());
    }
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let (share, mean) = difference(&read(&stored), picture);
    if share <= FEW && mean <= LITTLE {
        return Ok(());
    }
    let left = Path::new(env!("CARGO_TARGET_TMPDIR")).join(stored.file_name().unwrap());
    write(&left, picture);
    Err(format!(
        "{path}: {:.2} % of the pixels differ, {mean:.2} on average: see {}; if it is meant so, set {UPDATE}=1",
        100.0 * share,
        left.display()
    ))
}

/// The share of pixels that differ, and the mean difference of all bytes.
pub fn difference(one: &ColorImage, other: &ColorImage) -> (f64, f64) {
    if one.size != other.size {
        return (1.0, 255.0);
    }
    let mut differ = 0_usize;
    let mut sum = 0_u64;
    for (one, other) in one.pixels.iter().zip(&other.pixels) {
        let apart = [
            one.r().abs_diff(other.r()),
            one.g().abs_diff(other.g()),
            one.b().abs_diff(other.b()),
        ];
        differ += usize::from(apart.iter().any(|apart| *apart > SAME));
        sum += apart.iter().map(|apart| u64::from(*apart)).sum::<u64>();
    }
    let pixels = one.pixels.len().max(1) as f64;
    (differ as f64 / pixels, sum as f64 / (3.0 * pixels))
}
