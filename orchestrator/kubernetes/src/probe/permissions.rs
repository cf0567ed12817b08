//! Whether we may do all that we need: each verb is asked for, by the server's own access review.

use futures_util::{StreamExt, stream};
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use kube::{Api, Client, api::PostParams};

use super::Point;
use crate::{
    failure::describe,
    permissions::{Permission, needed},
};

/// Reviews under way at once.
const AT_ONCE: usize = 16;

/// The point, and what is missing.
pub(super) async fn look(client: &Client) -> (Point, Vec<String>) {
    let needed = needed();
    let count = needed.len();
    let reviews = Api::<SelfSubjectAccessReview>::all(client.clone());
    let asked = stream::iter(needed).map(|permission| ask(&reviews, permission)).buffered(AT_ONCE).collect::<Vec<_>>().await;
    let mut missing = Vec::new();
    for answer in asked {
        match answer {
            Ok((_, true)) => {}
            Ok((permission, false)) => missing.push(permission.to_string()),
            Err(error) => {
                let told = format!("they could not be asked for: {}", describe(&error));
                return (Point::failed("permissions", told), Vec::new());
            }
        }
    }
    if missing.is_empty() {
        return (Point::passed("permissions", format!("all {count} are granted")), missing);
    }
    let told = format!("missing: {}; apply the cluster role that `nalabo clusters connect-script` prints", missing.join(", "));
    (Point::failed("permissions", told), missing)
}

async fn ask(reviews: &Api<SelfSubjectAccessReview>, permission: Permission) -> Result<(Permission, bool), kube::Error> {
    let (resource, subresource) =
        permission.resource.split_once('/').map_or((permission.resource, None), |(resource, sub)| (resource, Some(sub)));
    let attributes = ResourceAttributes {
        group: Some(permission.group.to_owned()),
        resource: Some(resource.to_owned()),
        subresource: subresource.map(str::to_owned),
        verb: Some(permission.verb.to_owned()),
        ..ResourceAttributes::default()
    };
    let spec = SelfSubjectAccessReviewSpec { resource_attributes: Some(attributes), ..SelfSubjectAccessReviewSpec::default() };
    let review = SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() };
    let answer = reviews.create(&PostParams::default(), &review).await?;
    Ok((permission, answer.status.is_some_and(|status| status.allowed)))
}
