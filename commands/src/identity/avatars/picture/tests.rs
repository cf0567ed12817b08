use image::{
    ExtendedColorType, ImageEncoder, Rgba, RgbaImage,
    codecs::{jpeg::JpegEncoder, webp::WebPEncoder},
};

use super::{LARGEST, PIXELS, Pictures, PngEncoder, Rejection, SIDE, looked_at, made};

/// Red on its left, blue on its right, green in the middle.
fn picture(width: u32, height: u32) -> RgbaImage {
    let green = |x: u32| x.abs_diff(width / 2) <= height / 4;
    let colour = |x: u32| {
        if green(x) {
            [0, 255, 0, 255]
        } else if x < width / 2 {
            [255, 0, 0, 255]
        } else {
            [0, 0, 255, 255]
        }
    };
    RgbaImage::from_fn(width, height, |x, _| Rgba(colour(x)))
}

fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut bytes)).expect("written");
    bytes
}

fn read(png: &[u8]) -> RgbaImage {
    image::load_from_memory_with_format(png, image::ImageFormat::Png).expect("a PNG").to_rgba8()
}

#[test]
fn the_middle_of_each_kind_becomes_a_small_square_png() {
    let wide = picture(900, 300);
    let (mut jpeg, mut webp) = (Vec::new(), Vec::new());
    let rgb = image::DynamicImage::ImageRgba8(wide.clone()).to_rgb8();
    JpegEncoder::new(&mut jpeg).write_image(&rgb, 900, 300, ExtendedColorType::Rgb8).expect("written");
    WebPEncoder::new_lossless(&mut webp).write_image(&wide, 900, 300, ExtendedColorType::Rgba8).expect("written");
    for sent in [png(&wide), jpeg, webp] {
        let small = read(&made(&sent).expect("made"));
        assert_eq!(small.dimensions(), (SIDE, SIDE));
        let Rgba([red, green, blue, _]) = small.get_pixel(SIDE / 2, SIDE / 2);
        assert!(*green > 200 && *red < 60 && *blue < 60, "the middle is green: {red} {green} {blue}");
    }
}

#[test]
fn a_thin_strip_and_a_single_pixel_are_pictures() {
    for (width, height) in [(1, 1), (1, 9000), (9000, 1), (3, 2)] {
        assert_eq!(read(&made(&png(&picture(width, height))).expect("made")).dimensions(), (SIDE, SIDE), "{width} by {height}");
    }
}

#[test]
fn what_is_no_picture_is_refused_by_what_is_wrong_with_it() {
    let whole = png(&picture(40, 40));
    let refusal = |bytes: &[u8]| made(bytes).expect_err("refused");
    for bytes in [&b""[..], b"\x89PNG\r\n\x1a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"BM", b"II*\0"] {
        assert_eq!(refusal(bytes), Rejection::AvatarKindInvalid, "{bytes:?}");
    }
    for bytes in [&whole[..8], &whole[..20], &whole[..whole.len() / 2], b"\xff\xd8\xff", b"RIFF\x04\0\0\0WEBP"] {
        assert_eq!(refusal(bytes), Rejection::AvatarUnreadable, "{bytes:?}");
    }
    let mut large = whole;
    large.resize(LARGEST + 1, 0);
    assert_eq!(refusal(&large), Rejection::AvatarTooLarge);
}

#[test]
fn how_many_pixels_it_has_its_header_says() {
    let header = |width: u32, height: u32| {
        let mut bytes = png(&picture(1, 1));
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let sum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        bytes
    };
    assert_eq!(looked_at(&header(4001, 4000)).err(), Some(Rejection::AvatarTooManyPixels));
    assert_eq!(looked_at(&header(u32::MAX >> 1, u32::MAX >> 1)).err(), Some(Rejection::AvatarTooManyPixels));
    assert_eq!(u64::from(4000u32) * 4000, PIXELS);
    assert!(looked_at(&header(4000, 4000)).is_ok(), "as many as may be");
    assert_eq!(made(&header(4000, 4000)), Err(Rejection::AvatarUnreadable), "but they are not there");
}

/// Of a chunk of a PNG (annex D of its specification).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

#[test]
fn nothing_of_what_came_is_left_but_pixels() {
    let mut sent = png(&picture(300, 300));
    let text = b"tEXtComment\0taken at home";
    let mut chunk = u32::try_from(text.len() - 4).expect("short").to_be_bytes().to_vec();
    chunk.extend(text);
    chunk.extend(crc(text).to_be_bytes());
    sent.splice(33..33, chunk);
    sent.extend(b"<script>alert(1)</script>");
    let kept = made(&sent).expect("made");
    for secret in [&b"taken at home"[..], b"script"] {
        assert!(!kept.windows(secret.len()).any(|part| part == secret));
    }
    assert_eq!(made(&kept).expect("made"), kept, "it is what it is made of already");
}

#[tokio::test]
async fn many_at_once_wait_for_each_other_and_too_many_are_sent_away() {
    let pictures = Pictures::new();
    let sent = png(&picture(64, 64));
    let all = futures_util::future::join_all((0..40).map(|_| pictures.small(sent.clone()))).await;
    let (made, away): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert!(made.into_iter().all(|made| made.expect("a turn").is_ok()));
    assert_eq!(away.len(), 40 - super::WAITING);
}
