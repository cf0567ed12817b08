//! Sessions of runs for who has no registration of their own account: guests who have an account by now, and who comes along.

use std::sync::Arc;

use commands::{
    Request,
    booking::{Guest, GuestWanted, RunDraft, Wanted},
};
use domain::{
    booking::{Answers, BookingRejection, Flaw, Plan},
    identity::{Role, mail::Occasion},
    kernel::{RegistrationId, RunId, SessionId},
    learning::{LearningRejection as Rejection, session::Session},
    workshops::content::{Content, Visibility},
};

use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, anonymous, rejected},
    rules::settle,
    run_sessions::soon,
    runs::{draft, published, wanted},
    texts::reading,
};

/// A run of a private workshop whose sessions may begin, and who organises it.
struct Course {
    platform: Platform,
    bag: Arc<Mailbag>,
    grace: Request,
    run: RunId,
}

impl Course {
    async fn init(group: u16) -> Self {
        let (platform, bag) = Mailbag::platform().await;
        let grace = platform.signed_in("grace@example.org", &[Role::Organiser, Role::Author]).await;
        let private = Content { visibility: Visibility::Private, ..reading("Docker") };
        let workshop = platform.published(&grace, "docker", &private).await;
        let plan = Plan { workshop: Some(workshop), group, ..draft(4, 0).plan };
        let run = published(&platform, &grace, &RunDraft { timing: soon(20), plan }).await;
        Self { platform, bag, grace, run }
    }

    async fn person(&self, name: &str) -> Request {
        self.platform.signed_in(&format!("{name}@example.org"), &[Role::Learner]).await
    }

    /// Somebody whose address is known to be theirs.
    async fn verified(&self, name: &str) -> Request {
        let person = self.person(name).await;
        let to = format!("{name}@example.org");
        let sent = || self.bag.all().into_iter().rfind(|mail| mail.occasion == Occasion::VerifyEmail && mail.to == to);
        let mail = loop {
            match sent() {
                Some(mail) => break mail,
                // What somebody else is sent who came before may go first.
                None => drop(self.bag.next(&self.platform, Occasion::VerifyEmail).await),
            }
        };
        accepted(self.platform.commands.identity.verify_email(&anonymous(), &mail.token()).await);
        person
    }

    /// Somebody who was invited and has registered without an account.
    async fn guest(&self, name: &str) -> RegistrationId {
        let email = format!("{name}@example.org");
        let guest = Guest { run: self.run, email, name: name.to_owned(), ticket: None, priority: 0, until: None };
        let booking = &self.platform.commands.booking;
        accepted(booking.invite(&self.grace, &guest).await);
        let link = self.bag.next(&self.platform, Occasion::GuestInvited).await.token();
        let (name, ticket) = (name.to_owned(), "seat".to_owned());
        let wanted = GuestWanted { name, ticket, attendees: vec![], members: vec![], answers: Answers::new(), code: None, wait: false };
        accepted(booking.guest_register(&anonymous(), &link, &wanted).await)
    }

    async fn begins(&self, person: &Request) -> SessionId {
        accepted(self.platform.commands.learning.start_for_run(person, self.run).await)
    }

    async fn refuses(&self, person: &Request) -> Rejection {
        rejected(self.platform.commands.learning.start_for_run(person, self.run).await)
    }

    async fn goes_on(&self, session: SessionId) -> bool {
        matches!(self.platform.commands.learning.session(session).await, Ok(Session::Active(_)))
    }
}

#[tokio::test]
async fn a_guest_who_has_an_account_by_now_begins_once_their_address_is_verified() {
    let course = Course::init(1).await;
    let registration = course.guest("joan").await;
    let stranger = course.verified("eve").await;
    assert_eq!(course.refuses(&stranger).await, Rejection::RunNotFound);
    let joan = course.verified("joan").await;
    let session = course.begins(&joan).await;
    assert_eq!(course.begins(&joan).await, session, "whoever has begun goes on");
    settle(&course.platform).await;
    assert!(course.goes_on(session).await);
    accepted(course.platform.commands.booking.cancel_registration(&course.grace, registration, "").await);
    settle(&course.platform).await;
    assert!(!course.goes_on(session).await, "it ends with the place");
    assert_eq!(course.refuses(&joan).await, Rejection::RunNotFound);
}

#[tokio::test]
async fn an_address_that_nobody_has_verified_opens_nothing() {
    let course = Course::init(1).await;
    course.guest("joan").await;
    let joan = course.person("joan").await;
    assert_eq!(course.refuses(&joan).await, Rejection::RunNotFound);
}

#[tokio::test]
async fn those_who_come_along_begin_each_a_session_of_their_own() {
    let course = Course::init(3).await;
    let (ada, bob, dan) = (course.person("ada").await, course.verified("bob").await, course.person("dan").await);
    let attendees = ["Ada", "Bob", "Dan"].map(str::to_owned).to_vec();
    let members = ["Bob@Example.org", "dan@example.org"].map(str::to_owned).to_vec();
    let booking = &course.platform.commands.booking;
    let registration = accepted(booking.request(&ada, &Wanted { attendees, members, ..wanted(course.run) }).await);
    let (first, second) = (course.begins(&ada).await, course.begins(&bob).await);
    assert_ne!(first, second);
    assert_eq!(course.begins(&bob).await, second, "whoever has begun goes on");
    assert_eq!(course.refuses(&dan).await, Rejection::RunNotFound, "their address was not verified");
    let stored = course.platform.events().await.iter().map(|event| event.payload.as_str().to_owned()).collect::<String>();
    assert!(!stored.to_lowercase().contains("bob@"), "no address is kept in the clear");
    accepted(booking.withdraw(&ada, registration).await);
    settle(&course.platform).await;
    assert!(!course.goes_on(first).await && !course.goes_on(second).await);
}

#[tokio::test]
async fn what_is_no_address_of_who_comes_along_is_told_by_its_place() {
    let course = Course::init(2).await;
    let ada = course.person("ada").await;
    let attendees = ["Ada", "Bob"].map(str::to_owned).to_vec();
    let members = ["bob@example.org", "bob"].map(str::to_owned).to_vec();
    let refused = rejected(course.platform.commands.booking.request(&ada, &Wanted { attendees, members, ..wanted(course.run) }).await);
    assert_eq!(refused, BookingRejection::Flawed(vec![Flaw::new("memberEmails[1]", "an e-mail address")]));
}
