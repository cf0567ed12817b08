//! The workshops that come with the product.

use std::collections::BTreeMap;

use rust_embed::Embed;

use super::{ImportError, Source};
use crate::bundle::Bundle;

#[derive(Embed)]
#[folder = "../workshops"]
struct Files;

/// The workshops compiled into the binary.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltIn;

impl Source for BuiltIn {
    fn bundles(&self) -> Result<Vec<Bundle>, ImportError> {
        let mut bundles = BTreeMap::new();
        for path in Files::iter() {
            if let (Some((folder, file)), Some(embedded)) = (path.split_once('/'), Files::get(&path)) {
                let bundle = bundles.entry(folder.to_owned()).or_insert_with(|| Bundle::new(folder));
                bundle.insert(file, embedded.data.into_owned());
            }
        }
        Ok(bundles.into_values().collect())
    }
}
