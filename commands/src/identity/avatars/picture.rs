//! Making a small picture of whatever was sent, without trusting any of it.
//!
//! What it is, its first bytes say; how large it is, its header, before anything is decoded. Only so many are decoded at once, off the
//! async threads, in bounded memory. What comes out is made anew of the pixels alone, so nothing else that was in the file is in it.

use std::{io::Cursor, sync::Arc};

use domain::identity::IdentityRejection as Rejection;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::png::PngEncoder, imageops::FilterType};
use tokio::sync::Semaphore;

use crate::Fault;

/// Bytes that a picture may have as it is sent.
pub const LARGEST: usize = 2 << 20;
/// Pixels that it may have.
const PIXELS: u64 = 16_000_000;
/// Bytes that decoding may take: twice 16 megapixels of 4 bytes, since a deep picture has 8.
const MEMORY: u64 = 2 * 4 * PIXELS;
/// Width and height of what is kept.
const SIDE: u32 = 256;
/// How many may wait for their turn, one being decoded.
const WAITING: usize = 16;

/// Decodes pictures, one at a time.
pub(in crate::identity) struct Pictures {
    turn: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Pictures {
    pub(in crate::identity) fn new() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), places: Arc::new(Semaphore::new(WAITING)) }
    }

    /// The same picture, square and small, as a PNG.
    pub(super) async fn small(&self, bytes: Vec<u8>) -> Result<Result<Vec<u8>, Rejection>, Fault> {
        // What needs no decoding to be refused waits for nobody.
        if let Err(rejection) = looked_at(&bytes) {
            return Ok(Err(rejection));
        }
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Fault::Busy)?;
        let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| Fault::Busy)?;
        let made = tokio::task::spawn_blocking(move || {
            let made = made(&bytes);
            drop((turn, place));
            made
        });
        Ok(made.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a picture could not be decoded");
            Err(Rejection::AvatarUnreadable)
        }))
    }
}

/// What the first bytes say that it is; neither its name nor what it was called on its way counts.
fn format(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ImageFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// A decoder that has read no more than the header, of a picture that is not too large.
fn looked_at(bytes: &[u8]) -> Result<impl ImageDecoder + '_, Rejection> {
    if bytes.len() > LARGEST {
        return Err(Rejection::AvatarTooLarge);
    }
    let format = format(bytes).ok_or(Rejection::AvatarKindInvalid)?;
    // Of a PNG that says more than its decoder can count it only says that it is broken.
    if format == ImageFormat::Png && size_of_png(bytes).is_some_and(|(width, height)| u64::from(width) * u64::from(height) > PIXELS) {
        return Err(Rejection::AvatarTooManyPixels);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|_| Rejection::AvatarUnreadable)?;
    let (width, height) = decoder.dimensions();
    match u64::from(width) * u64::from(height) {
        0 => Err(Rejection::AvatarUnreadable),
        pixels if pixels > PIXELS => Err(Rejection::AvatarTooManyPixels),
        _ => Ok(decoder),
    }
}

/// Width and height, which stand at the same place in each.
fn size_of_png(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.get(12..16)? != b"IHDR" {
        return None;
    }
    let number = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    Some((number(16)?, number(20)?))
}

fn made(bytes: &[u8]) -> Result<Vec<u8>, Rejection> {
    let unreadable = |_| Rejection::AvatarUnreadable;
    let mut decoder = looked_at(bytes)?;
    // Cameras say which way is up instead of turning the picture.
    let orientation = decoder.orientation().map_err(unreadable)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    // The middle of it, before anything is made larger: a thin strip would grow beyond all bounds.
    let side = picture.width().min(picture.height());
    let mut square = picture.crop_imm((picture.width() - side) / 2, (picture.height() - side) / 2, side, side);
    drop(picture);
    square.apply_orientation(orientation);
    let small = square.resize_exact(SIDE, SIDE, FilterType::Triangle).to_rgba8();
    let mut png = Vec::new();
    small.write_with_encoder(PngEncoder::new(&mut png)).map_err(unreadable)?;
    Ok(png)
}

#[cfg(test)]
mod tests;
