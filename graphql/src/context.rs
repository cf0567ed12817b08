//! What resolvers find in their context.

use async_graphql::Context;
use projections::DatabaseConnection;

use crate::{caller::Caller, loaders::Loaders, read_models::ReadModels, services::Services};

/// What resolvers find in their context. `router` puts it there with every request.
pub(crate) trait Access {
    fn caller(&self) -> &Caller;
    fn services(&self) -> &Services;
    fn loaders(&self) -> &Loaders;

    fn read_models(&self) -> &ReadModels;

    /// The read models' rows.
    fn db(&self) -> &DatabaseConnection {
        self.read_models().db()
    }
}

impl Access for Context<'_> {
    fn caller(&self) -> &Caller {
        self.data_unchecked()
    }

    fn services(&self) -> &Services {
        self.data_unchecked()
    }

    fn loaders(&self) -> &Loaders {
        self.data_unchecked()
    }

    fn read_models(&self) -> &ReadModels {
        self.data_unchecked()
    }
}
