//! Taking a photo, and turning and cropping a picture before it is read.

use js_sys::Reflect;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;
use ocr_chat_i18n::tr;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    File, HtmlElement, ImageBitmap, MediaStream, MediaStreamConstraints, MediaStreamTrack,
};

use crate::browser;
use crate::crop::{Corner, Crop};
use crate::jobs::Doc;
use crate::picture;
use crate::shell::Shell;

/// How large a picture is shown, in pixels.
const SHOWN_PX: f64 = 1_200.0;

/// How far an arrow key moves a corner, as a part of the side; ten times as far with Shift.
const STEP: f64 = 0.005;

/// A picture that is made ready.
#[derive(Clone)]
pub(crate) struct Editing {
    file: File,
    picture: ImageBitmap,
    /// The document that it takes the place of.
    instead_of: Option<Doc>,
}

/// What the photo dialog shows.
#[derive(Clone, Default)]
pub(crate) enum Photo {
    #[default]
    Closed,
    /// What the camera sees.
    Camera(MediaStream),
    /// A picture to turn and crop.
    Editing(Box<Editing>),
}

/// The dialog's state. A handle, owned by the shell.
pub(crate) type PhotoState = RwSignal<Photo, LocalStorage>;

/// Opens a picture for turning and cropping; one that the browser cannot decode is read as it is.
pub(crate) fn edit(shell: Shell, file: File, instead_of: Option<Doc>) {
    spawn_local(async move {
        match picture::decode(&file).await {
            Some(picture) => shell.photo.set(Photo::Editing(Box::new(Editing {
                file,
                picture,
                instead_of,
            }))),
            None if instead_of.is_none() => shell.add(vec![file]),
            None => {}
        }
    });
}

/// A button that takes a photo: with the phone's camera app, or with the computer's camera.
#[component]
pub(super) fn TakePhoto(
    /// The button's class.
    class: &'static str,
) -> impl IntoView {
    let shell = Shell::get();
    let input = NodeRef::<html::Input>::new();
    let on_change = move |_| {
        if let Some(input) = input.get() {
            if let Some(file) = browser::files_of(input.files()).into_iter().next() {
                edit(shell, file, None);
            }
            input.set_value("");
        }
    };
    let take = move |_| {
        let ask_input = move || {
            if let Some(input) = input.get_untracked() {
                input.click();
            }
        };
        // A phone's own camera app is better than anything in a page.
        if browser::is_touch() {
            return ask_input();
        }
        spawn_local(async move {
            match open_camera().await {
                Some(stream) => shell.photo.set(Photo::Camera(stream)),
                None => ask_input(),
            }
        });
    };
    view! {
        <button type="button" class=class on:click=take>{tr!(files.take_photo)}</button>
        <input
            node_ref=input
            class="visually-hidden"
            type="file"
            tabindex="-1"
            aria-hidden="true"
            accept="image/*"
            capture="environment"
            data-camera=""
            on:change=on_change
        />
    }
}

/// The camera, where there is one and the visitor allows it.
async fn open_camera() -> Option<MediaStream> {
    let window = web_sys::window().filter(web_sys::Window::is_secure_context)?;
    let devices = window.navigator().media_devices().ok()?;
    let constraints = MediaStreamConstraints::new();
    let video = js_sys::Object::new();
    for (name, ideal) in [("width", 3_840), ("height", 2_160)] {
        let wanted = js_sys::Object::new();
        Reflect::set(&wanted, &"ideal".into(), &ideal.into()).ok()?;
        Reflect::set(&video, &name.into(), &wanted).ok()?;
    }
    constraints.set_video(&video);
    let promise = devices.get_user_media_with_constraints(&constraints).ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

fn close_camera(stream: &MediaStream) {
    for track in stream.get_tracks().iter() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
}

/// The dialog.
#[component]
pub(crate) fn PhotoDialog() -> impl IntoView {
    let shell = Shell::get();
    let photo = shell.photo;
    let dialog = NodeRef::<html::Dialog>::new();
    let is_open = move || photo.with(|photo| !matches!(photo, Photo::Closed));
    Effect::new(move || {
        let (Some(dialog), is_open) = (dialog.get(), is_open()) else {
            return;
        };
        if is_open && !dialog.open() {
            // Fails for a dialog that is off the page.
            let _ = dialog.show_modal();
        } else if !is_open && dialog.open() {
            dialog.close();
        }
    });
    // Escape closes it, too: the camera goes off with it.
    let close = move || {
        if let Photo::Camera(stream) = photo.get_untracked() {
            close_camera(&stream);
        }
        photo.set(Photo::Closed);
    };
    view! {
        <dialog class="dialog photo" node_ref=dialog aria-labelledby="photo-title" on:close=move |_| close()>
            {move || match photo.get() {
                Photo::Closed => ().into_any(),
                Photo::Camera(stream) => view! { <Camera stream/> }.into_any(),
                Photo::Editing(editing) => view! { <Editor editing=*editing/> }.into_any(),
            }}
        </dialog>
    }
}

#[component]
fn Camera(stream: MediaStream) -> impl IntoView {
    let shell = Shell::get();
    let video = NodeRef::<html::Video>::new();
    let stream = StoredValue::new_local(stream);
    Effect::new(move || {
        if let Some(video) = video.get() {
            video.set_src_object(Some(&stream.get_value()));
            // Muted video may play by itself everywhere.
            let _ = video.play();
        }
    });
    let take = move |_| {
        let (Some(video), Some(canvas)) = (video.get_untracked(), picture::new_canvas()) else {
            return;
        };
        canvas.set_width(video.video_width());
        canvas.set_height(video.video_height());
        let context = canvas.get_context("2d").ok().flatten();
        let context = context
            .and_then(|context| context.dyn_into::<web_sys::CanvasRenderingContext2d>().ok());
        if let Some(context) = context {
            // Nothing is drawn where the camera has not begun; the picture is empty then, and can be taken again.
            let _ = context.draw_image_with_html_video_element(&video, 0.0, 0.0);
        }
        close_camera(&stream.get_value());
        spawn_local(async move {
            match picture::file_of(&canvas, "photo.jpg", false).await {
                Some(file) => edit(shell, file, None),
                None => shell.photo.set(Photo::Closed),
            }
        });
    };
    view! {
        <h2 id="photo-title" class="dialog-title">{tr!(files.take_photo)}</h2>
        <video class="photo-video" node_ref=video muted playsinline></video>
        <div class="row dialog-row">
            <button
                type="button"
                class="button"
                on:click=move |_| {
                    close_camera(&stream.get_value());
                    shell.photo.set(Photo::Closed);
                }
            >
                {tr!(common.cancel)}
            </button>
            <button type="button" class="button button-main" on:click=take>{tr!(files.shutter)}</button>
        </div>
    }
}

#[component]
fn Editor(editing: Editing) -> impl IntoView {
    let shell = Shell::get();
    let canvas = NodeRef::<html::Canvas>::new();
    let crop = RwSignal::new(Crop::default());
    let dragged = RwSignal::new(None::<Corner>);
    let editing = StoredValue::new_local(editing);
    let n_turns = Memo::new(move |_| crop.get().n_turns);
    Effect::new(move || {
        let n_turns = n_turns.get();
        if let Some(canvas) = canvas.get() {
            let picture = editing.with_value(|editing| editing.picture.clone());
            let side = f64::from(picture.width().max(picture.height()));
            let turned = Crop {
                n_turns,
                ..Crop::default()
            };
            picture::draw(&canvas, &picture, turned, (SHOWN_PX / side).min(1.0), false);
        }
    });
    let finish = move |is_changed: bool| {
        let Editing {
            file,
            picture,
            instead_of,
        } = editing.get_value();
        let crop = crop.get_untracked();
        shell.photo.set(Photo::Closed);
        spawn_local(async move {
            let file = if is_changed && !crop.is_whole() {
                picture::cut(&picture, crop, &file.name())
                    .await
                    .unwrap_or(file)
            } else if instead_of.is_some() {
                // It is read as it is already.
                return;
            } else {
                file
            };
            picture.close();
            if let Some(doc) = instead_of {
                shell.remove(doc);
            }
            shell.add(vec![file]);
        });
    };
    let turn = move |n: u8| crop.update(|crop| (0..n).for_each(|_| *crop = crop.turned()));
    let on_move = move |event: PointerEvent| {
        let (Some(corner), Some(canvas)) = (dragged.get_untracked(), canvas.get_untracked()) else {
            return;
        };
        let frame = canvas.get_bounding_client_rect();
        let x = (f64::from(event.client_x()) - frame.left()) / frame.width().max(1.0);
        let y = (f64::from(event.client_y()) - frame.top()) / frame.height().max(1.0);
        crop.update(|crop| *crop = crop.with_corner(corner, x, y));
    };
    let percent = |part: f64| format!("{:.2}%", part * 100.0);
    let handle = move |corner: Corner| {
        let label = match corner {
            Corner::TopLeft => tr!(files.corner_top_left),
            Corner::TopRight => tr!(files.corner_top_right),
            Corner::BottomRight => tr!(files.corner_bottom_right),
            Corner::BottomLeft => tr!(files.corner_bottom_left),
        };
        let on_down = move |event: PointerEvent| {
            dragged.set(Some(corner));
            let target = event
                .current_target()
                .and_then(|it| it.dyn_into::<HtmlElement>().ok());
            if let Some(target) = target {
                // The corner follows the pointer outside itself, too.
                let _ = target.set_pointer_capture(event.pointer_id());
            }
        };
        view! {
            <button
                type="button"
                class="crop-corner"
                aria-label=label
                style:left=move || percent(crop.get().corner(corner).0)
                style:top=move || percent(crop.get().corner(corner).1)
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=move |_| dragged.set(None)
                on:pointercancel=move |_| dragged.set(None)
                on:keydown=move |event| move_by_key(&event, crop, corner)
            ></button>
        }
    };
    view! {
        <h2 id="photo-title" class="dialog-title">{tr!(files.edit_title)}</h2>
        <p class="muted">{tr!(files.edit_hint)}</p>
        // Positions are physical: a picture is not mirrored where writing is.
        <div class="crop" dir="ltr">
            <canvas class="crop-picture" node_ref=canvas aria-hidden="true"></canvas>
            <div
                class="crop-part"
                style:left=move || percent(crop.get().left)
                style:top=move || percent(crop.get().top)
                style:width=move || percent(crop.get().right - crop.get().left)
                style:height=move || percent(crop.get().bottom - crop.get().top)
            ></div>
            {Corner::ALL.map(handle).collect_view()}
        </div>
        <div class="row dialog-row">
            <button type="button" class="button" on:click=move |_| turn(3)>{tr!(files.turn_left)}</button>
            <button type="button" class="button" on:click=move |_| turn(1)>{tr!(files.turn_right)}</button>
            <button type="button" class="button" on:click=move |_| finish(false)>{tr!(files.use_as_is)}</button>
            <button type="button" class="button button-main" on:click=move |_| finish(true)>{tr!(files.read)}</button>
        </div>
    }
}

fn move_by_key(event: &KeyboardEvent, crop: RwSignal<Crop>, corner: Corner) {
    let step = if event.shift_key() { 10.0 * STEP } else { STEP };
    let (by_x, by_y) = match event.key().as_str() {
        "ArrowLeft" => (-step, 0.0),
        "ArrowRight" => (step, 0.0),
        "ArrowUp" => (0.0, -step),
        "ArrowDown" => (0.0, step),
        _ => return,
    };
    event.prevent_default();
    crop.update(|crop| {
        let (x, y) = crop.corner(corner);
        *crop = crop.with_corner(corner, x + by_x, y + by_y);
    });
}
