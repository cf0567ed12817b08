//! What can be done about runs, registrations, and the money for them.

use async_graphql::MergedObject;

use super::{
    guest_mutations::GuestMutations, payment_mutations::PaymentMutations, registration_mutations::RegistrationMutations,
    run_mutations::RunMutations,
};

/// What organisers and those who come can do.
#[derive(MergedObject, Default)]
pub(crate) struct BookingMutations(RunMutations, GuestMutations, RegistrationMutations, PaymentMutations);
