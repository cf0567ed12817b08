//! Pictures, and what pretends to be one: each put by its recipe, and answered as the corpus says. What was taken is shown as a PNG of
//! ours with nothing of what came in it.

use std::io::Write;

use base64::Engine as _;
use flate2::{Compression, write::ZlibEncoder};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use nalabo::client::Client;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{cases, is_well, memory, none_differs};
use crate::{
    engines::{Engine, on_each_engine},
    guards::{answer, header},
    people::{Person, text},
    site::{Server, Site},
};

on_each_engine!(uploads_are_taken_and_refused_as_the_corpus_says);

/// How much more memory the server may have in use afterwards, in KiB.
const GROWTH: u64 = 300 << 10;
/// What stands in files that must not be in what is shown.
const MARK: &str = "do-not-keep-me";

/// A file, and how it must be answered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    base: Base,
    #[serde(default)]
    then: Vec<Step>,
    content_type: Option<String>,
    status: u16,
    code: Option<String>,
}

/// What a file begins as.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Base {
    Text(String),
    Hex(String),
    /// A picture of this width and height.
    Png(u32, u32),
    Jpeg(u32, u32),
    Webp(u32, u32),
    /// A PNG whose data is so many MiB of zeros, of this width and height by its header.
    Bomb(u32, u32, usize),
}

/// What is done to it, one after the other.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    /// Leaves so many bytes.
    Truncate(usize),
    /// Leaves all but so many bytes.
    Shorten(usize),
    Append(String),
    Prepend(String),
    /// Appends zeros up to so many bytes.
    Fill(usize),
    /// Changes the byte at a place.
    Flip(usize),
    /// Writes another width and height into the header of a PNG, and its sum anew.
    Size(u32, u32),
    /// Puts a chunk behind the header of a PNG, by its type and text.
    Chunk(String, String),
    /// Puts a compressed text of so many MiB behind the header of a PNG.
    Ztxt(usize),
    /// Puts a segment behind the beginning of a JPEG, by its marker and text.
    Segment(u8, String),
    /// Writes these bytes over those at a place.
    Write(usize, String),
}

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let channel = |value: u32| u8::try_from(value % 256).unwrap_or_default();
    let picture = RgbaImage::from_fn(width, height, |x, y| Rgba([channel(x), channel(y), channel(x + y), 255]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgba8(picture);
    let picture = if format == ImageFormat::Jpeg { picture.to_rgb8().into() } else { picture };
    picture.write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let covered = [kind, data].concat();
    let length = u32::try_from(data.len()).expect("short");
    [&length.to_be_bytes()[..], &covered, &crc32fast::hash(&covered).to_be_bytes()].concat()
}

fn zeros(mebibytes: usize) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    let mebibyte = vec![0; 1 << 20];
    (0..mebibytes).for_each(|_| packed.write_all(&mebibyte).expect("packed"));
    packed.finish().expect("packed")
}

fn bomb(width: u32, height: u32, mebibytes: usize) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", &zeros(mebibytes)), chunk(b"IEND", b"")].concat()
}

/// Where the header of a PNG ends.
const HEAD: usize = 33;

fn made(case: &Case) -> Vec<u8> {
    let mut file = match &case.base {
        Base::Text(text) => text.clone().into_bytes(),
        Base::Hex(digits) => hex::decode(digits).expect("hexadecimal"),
        Base::Png(width, height) => picture(*width, *height, ImageFormat::Png),
        Base::Jpeg(width, height) => picture(*width, *height, ImageFormat::Jpeg),
        Base::Webp(width, height) => picture(*width, *height, ImageFormat::WebP),
        Base::Bomb(width, height, mebibytes) => bomb(*width, *height, *mebibytes),
    };
    for step in &case.then {
        match step {
            Step::Truncate(length) => file.truncate(*length),
            Step::Shorten(by) => file.truncate(file.len().saturating_sub(*by)),
            Step::Append(text) => file.extend(text.as_bytes()),
            Step::Prepend(text) => drop(file.splice(..0, text.bytes())),
            Step::Fill(length) => file.resize(*length, 0),
            Step::Flip(at) => file[*at] ^= 0xff,
            Step::Size(width, height) => {
                file[16..20].copy_from_slice(&width.to_be_bytes());
                file[20..24].copy_from_slice(&height.to_be_bytes());
                let sum = crc32fast::hash(&file[12..29]);
                file[29..HEAD].copy_from_slice(&sum.to_be_bytes());
            }
            Step::Chunk(kind, text) => drop(file.splice(HEAD..HEAD, chunk(kind.as_bytes(), text.as_bytes()))),
            Step::Ztxt(mebibytes) => {
                let data = [b"Comment\0\0".to_vec(), zeros(*mebibytes)].concat();
                file.splice(HEAD..HEAD, chunk(b"zTXt", &data));
            }
            Step::Segment(marker, text) => {
                let length = u16::try_from(text.len() + 2).expect("short").to_be_bytes();
                file.splice(2..2, [&[0xff, *marker][..], &length, text.as_bytes()].concat());
            }
            Step::Write(at, digits) => {
                let bytes = hex::decode(digits).expect("hexadecimal");
                file[*at..*at + bytes.len()].copy_from_slice(&bytes);
            }
        }
    }
    file
}

fn put(server: &Server, token: Option<&str>, case: &Case, file: Vec<u8>) -> reqwest::RequestBuilder {
    let request = reqwest::Client::new().put(format!("http://{}/api/account/avatar", server.address)).body(file);
    let request = match &case.content_type {
        Some(kind) => request.header("content-type", kind),
        None => request,
    };
    token.iter().fold(request, reqwest::RequestBuilder::bearer_auth)
}

/// What is shown of somebody: where, and the bytes.
async fn shown(server: &Server, client: &Client) -> Option<(String, Vec<u8>)> {
    let me = client.graphql("{ me { avatar } }", Value::Null).await.expect("answered");
    let path = me["me"]["avatar"].as_str()?.to_owned();
    let response = reqwest::get(format!("http://{}{path}", server.address)).await.expect("an answer");
    for (name, value) in
        [("content-type", "image/png"), ("x-content-type-options", "nosniff"), ("cross-origin-resource-policy", "cross-origin")]
    {
        assert_eq!(header(response.headers(), name), Some(value), "{path}");
    }
    Some((path, response.bytes().await.expect("a picture").to_vec()))
}

async fn uploads_are_taken_and_refused_as_the_corpus_says(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve_with(&[("NALABO_RATES__LIMITED", "false")]);
    let ada = Person::register(&server, "ada").await;
    let (mut findings, mut before) = (Vec::new(), None);
    let with_file = |case: Case| {
        let file = made(&case);
        (case, file)
    };
    let files: Vec<(Case, Vec<u8>)> = cases("uploads", 30).into_iter().map(with_file).collect();
    for (case, file) in &files {
        let (status, _, problem) = answer(put(&server, Some(&ada.tokens.access), case, file.clone())).await;
        let code = problem["code"].as_str().map(str::to_owned);
        if (status, &code) != (case.status, &case.code) {
            findings.push(format!("{}: expected {} {:?}, got {status} {code:?}", case.name, case.status, case.code));
        }
        let now = shown(&server, &ada.client).await;
        if status == 204 {
            let (_, png) = now.as_ref().expect("a picture");
            let picture = image::load_from_memory_with_format(png, ImageFormat::Png).expect("a PNG");
            let marked = png.windows(MARK.len()).any(|part| part == MARK.as_bytes());
            if (picture.width(), picture.height(), marked) != (256, 256, false) {
                findings.push(format!("{}: shown as {} by {}, marked: {marked}", case.name, picture.width(), picture.height()));
            }
        } else if now != before {
            findings.push(format!("{}: refused, and shown", case.name));
        }
        before = now;
    }
    none_differs(&findings);
    let grown = memory(&server);
    for (case, file) in files {
        let _ = answer(put(&server, Some(&ada.tokens.access), &case, file)).await;
    }
    assert!(memory(&server) < grown + GROWTH, "{} KiB, then {}", grown, memory(&server));
    removed_and_erased(&server, &ada).await;
    is_well(&server).await;
    server.stop();
}

/// Nothing is shown to who asks by an old address, and nobody puts anything without a token.
async fn removed_and_erased(server: &Server, ada: &Person) {
    let case = Case { name: "whole".into(), base: Base::Png(300, 200), then: vec![], content_type: None, status: 204, code: None };
    assert_eq!(answer(put(server, None, &case, made(&case))).await.0, 401);
    let gone = async |path: &str| reqwest::get(format!("http://{}{path}", server.address)).await.expect("an answer").status().as_u16();
    answer(put(server, Some(&ada.tokens.access), &case, made(&case))).await;
    let (path, _) = shown(server, &ada.client).await.expect("a picture");
    let response = reqwest::get(format!("http://{}{path}", server.address)).await.expect("an answer");
    let tag = header(response.headers(), "etag").expect("a tag").to_owned();
    let again = reqwest::Client::new().get(format!("http://{}{path}", server.address)).header("if-none-match", tag);
    assert_eq!(again.send().await.expect("an answer").status().as_u16(), 304);
    ada.mutate("avatarRemove", json!({}), "account { avatar }").await;
    assert_eq!((gone(&path).await, gone("/api/avatars/avt_1").await), (404, 404));
    let image = base64::engine::general_purpose::STANDARD.encode(made(&case));
    let shown_again = ada.mutate("avatarUpload", json!({ "image": image }), "account { avatar }").await;
    let path = text(&shown_again["account"]["avatar"]);
    assert_eq!(gone(&path).await, 200);
    ada.mutate("accountErase", json!({ "accountId": ada.account }), "account { id }").await;
    assert_eq!(gone(&path).await, 404, "with its owner");
}
