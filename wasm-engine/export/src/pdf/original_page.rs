//! What becomes of a page of the PDF that was sent: the text under its content, in its own space.

use hayro_syntax::object::{Array, Dict, MaybeRef, Object, Stream};
use hayro_syntax::page::{Page as SourcePage, Rotation};
use ocr_chat_document::{Page, WarningCode};

use super::font::TextFont;
use super::invisible;
use super::objects::Values;
use super::own_text::PageLines;
use super::picture;
use super::text::{FONT_NAME, text_layer};
use super::writer::number;

/// Points to the inch.
const POINTS_PER_INCH: f64 = 72.0;

/// The content stream that shows `text` in the space of `source`; `None` where it has none.
pub(super) fn page_text(
    source: &SourcePage<'_>,
    text: &PageLines<'_>,
    font: &mut TextFont,
) -> Option<Vec<u8>> {
    let page = text.page;
    let text = text_layer(text.lines.iter().copied(), page.height, font);
    if text.is_empty() {
        return None;
    }
    let matrix = text_matrix(source, page)?.map(|value| number(value, 6));
    let mut content = format!("q {} cm\n", matrix.join(" ")).into_bytes();
    content.extend_from_slice(&text);
    content.extend_from_slice(b"Q\n");
    Some(content)
}

/// The page's own content without the text that a recogniser laid invisibly on it, where that was found wanting and the page was read again: with
/// both, every word would be found twice. `None` where there is none, or where it stands in a form of its own.
pub(super) fn cleaned_content(source: &SourcePage<'_>, page: &Page) -> Option<Vec<u8>> {
    let is_ignored = page
        .warnings
        .iter()
        .any(|warning| warning.code == WarningCode::TextLayerIgnored);
    is_ignored
        .then(|| source.page_stream())
        .flatten()
        .and_then(invisible::without_invisible_text)
}

/// From pixels of the upright page, y up, to the space of `source`; `None` for a page without extent.
fn text_matrix(source: &SourcePage<'_>, page: &Page) -> Option<[f64; 6]> {
    let (width_px, height_px) = (f64::from(page.width), f64::from(page.height));
    let (width_pt, height_pt) = source.render_dimensions();
    let is_turned = page.rotation % 180 == 90;
    let rendered_width_px = if is_turned { height_px } else { width_px };
    let scale = page
        .dpi
        .map(|dpi| f64::from(dpi) / POINTS_PER_INCH)
        .filter(|scale| (rendered_width_px / f64::from(width_pt) / scale - 1.0).abs() < 0.05)
        .unwrap_or(rendered_width_px / f64::from(width_pt));
    if !scale.is_finite() || scale <= 0.0 || height_pt <= 0.0 {
        return None;
    }
    // Upright pixels, y up -> rendered pixels, y down: the turn is taken back.
    let to_rendered = match page.rotation {
        90 => [0.0, -1.0, -1.0, 0.0, height_px, width_px],
        180 => [-1.0, 0.0, 0.0, 1.0, width_px, 0.0],
        270 => [0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
        _ => [1.0, 0.0, 0.0, -1.0, 0.0, height_px],
    };
    let to_points = [1.0 / scale, 0.0, 0.0, 1.0 / scale, 0.0, 0.0];
    let to_page = inverse(source.initial_transform(true).as_coeffs())?;
    Some(picture::then(
        picture::then(to_rendered, to_points),
        to_page,
    ))
}

fn inverse([a, b, c, d, e, f]: [f64; 6]) -> Option<[f64; 6]> {
    let det = a * d - b * c;
    (det.abs() > 1e-12).then(|| {
        let (a, b, c, d) = (d / det, -b / det, -c / det, a / det);
        [a, b, c, d, -(e * a + f * c), -(e * b + f * d)]
    })
}

/// What becomes of a page's dictionary.
#[derive(Default)]
pub(super) struct Change {
    /// A stream in place of the page's own.
    pub(super) own_content_id: Option<u32>,
    /// The stream to come before the others and the font that it uses.
    pub(super) text: Option<(u32, u32)>,
    /// Degrees clockwise by which the page is shown turned further, so that it stands as it was read.
    pub(super) turn: u16,
    /// The node of a new page tree.
    pub(super) parent_id: Option<u32>,
}

impl Change {
    pub(super) fn new(page: &Page, content_id: u32, font_id: u32) -> Self {
        Self {
            text: Some((content_id, font_id)),
            turn: page.rotation,
            ..Self::default()
        }
    }
}

/// Appends the dictionary of `source` with `change`.
pub(super) fn push_page(
    values: &mut Values,
    source: &SourcePage<'_>,
    change: &Change,
    is_kept: impl Fn(&[u8]) -> bool,
) {
    let raw = source.raw();
    let is_new_tree = change.parent_id.is_some();
    let is_changed = |key: &[u8]| {
        (change.text.is_some() && (key == b"Contents" || key == b"Resources"))
            || (change.turn != 0 || is_new_tree) && key == b"Rotate"
            || is_new_tree && (key == b"Resources" || key == b"MediaBox" || key == b"CropBox")
    };
    values.out.extend_from_slice(b"<<");
    values.push_entries(raw, |key| is_kept(key) && !is_changed(key));
    if let Some((content_id, _)) = change.text {
        match change.own_content_id {
            Some(own_id) => {
                let streams = format!("/Contents[{content_id} 0 R {own_id} 0 R]");
                values.out.extend_from_slice(streams.as_bytes());
            }
            None => push_contents(values, raw, content_id),
        }
    }
    if change.text.is_some() || is_new_tree {
        push_resources(values, source, change.text.map(|(_, font_id)| font_id));
    }
    if change.turn != 0 || is_new_tree {
        let own = match source.rotation() {
            Rotation::None => 0,
            Rotation::Horizontal => 90,
            Rotation::Flipped => 180,
            Rotation::FlippedHorizontal => 270,
        };
        let rotation = (own + change.turn) % 360;
        values
            .out
            .extend_from_slice(format!("/Rotate {rotation}").as_bytes());
    }
    if let Some(parent_id) = change.parent_id {
        for (name, rect) in [
            ("MediaBox", source.media_box()),
            ("CropBox", source.crop_box()),
        ] {
            let sides = [rect.x0, rect.y0, rect.x1, rect.y1].map(|side| number(side, 6));
            values
                .out
                .extend_from_slice(format!("/{name}[{}]", sides.join(" ")).as_bytes());
        }
        values
            .out
            .extend_from_slice(format!("/Parent {parent_id} 0 R").as_bytes());
    }
    values.out.extend_from_slice(b">>");
}

fn push_contents(values: &mut Values, page: &Dict<'_>, content_id: u32) {
    values
        .out
        .extend_from_slice(format!("/Contents[{content_id} 0 R").as_bytes());
    if page.get::<Stream<'_>>("Contents").is_some() {
        if let Some(reference) = page.get_raw::<Object<'_>>("Contents") {
            values.out.push(b' ');
            values.push(&reference);
        }
    } else if let Some(streams) = page.get::<Array<'_>>("Contents") {
        for stream in streams.raw_iter() {
            if matches!(stream, MaybeRef::Ref(_)) {
                values.out.push(b' ');
                values.push(&stream);
            }
        }
    }
    values.out.push(b']');
}

/// The page's resources, inherited ones too, and the font of the text.
fn push_resources(values: &mut Values, source: &SourcePage<'_>, font_id: Option<u32>) {
    let own = inherited(source.raw(), b"Resources");
    values.out.extend_from_slice(b"/Resources<<");
    if let Some(resources) = &own {
        values.push_entries(resources, |key| font_id.is_none() || key != b"Font");
    }
    if let Some(font_id) = font_id {
        values.out.extend_from_slice(b"/Font<<");
        if let Some(fonts) = own.and_then(|resources| resources.get::<Dict<'_>>("Font")) {
            values.push_entries(&fonts, |key| key != FONT_NAME.as_bytes());
        }
        values
            .out
            .extend_from_slice(format!("/{FONT_NAME} {font_id} 0 R>>").as_bytes());
    }
    values.out.extend_from_slice(b">>");
}

/// An attribute of `page` or of the nodes above it.
fn inherited<'a>(page: &Dict<'a>, key: &[u8]) -> Option<Dict<'a>> {
    let mut node = page.clone();
    // Page trees of real files are a few levels deep; a circle ends here.
    for _ in 0..50 {
        if let Some(value) = node.get::<Dict<'a>>(key) {
            return Some(value);
        }
        node = node.get::<Dict<'a>>("Parent")?;
    }
    None
}
