//! Reading arguments: what is wrong with one is said in the API's words.

use async_graphql::ID;
use domain::kernel::TypedId;

use crate::failure::{Failure, Result};

/// A typed id, such as `wks_…`.
///
/// # Errors
/// It is malformed, or of another kind.
pub(crate) fn id<T: TypedId>(argument: &str, id: &ID) -> Result<T> {
    id.parse().map_err(|error| Failure::bad_input(argument, format!("{argument}: {error}")))
}

/// A typed id that may be left out.
///
/// # Errors
/// As [`id`].
pub(crate) fn optional_id<T: TypedId>(argument: &str, given: Option<&ID>) -> Result<Option<T>> {
    given.map(|given| id(argument, given)).transpose()
}

/// A number for the API, which has 32 bits for it; a larger one stays at the top.
pub(crate) fn number(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
