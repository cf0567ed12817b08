//! Runs of the built-in workshops that people may register for.

use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};

use super::{
    DemoError,
    narrator::Narrator,
    play::{failed, text},
    samples::{Place, SAMPLES, Sample},
};
use crate::client::Client;

const WORKSHOP: &str = "query($slug: String!) { workshop(slug: $slug) { id } }";
const ANY: &str = "{ events(filter: { types: [\"RunScheduled\"] }, first: 1) { nodes { position } } }";
const OPEN: &str = "{ runs(filter: { withPlaces: true }, first: 20) { totalCount nodes { title venue { city } left } } }";
/// A place is let go of until a week before for all of its price, and until a day before for half.
const REFUNDS: [(u32, f64); 2] = [(7 * 24 * 60, 100.0), (24 * 60, 50.0)];

/// Schedules and publishes them, unless there are runs already.
pub(super) async fn schedule(organiser: &Client, narrator: &Narrator) -> Result<(), DemoError> {
    let known = organiser.graphql(ANY, Value::Null).await.map_err(failed("look for runs"))?;
    if known["events"]["nodes"].as_array().is_some_and(|events| !events.is_empty()) {
        narrator.say("there are some: unchanged");
        return Ok(());
    }
    let today = Utc::now().date_naive();
    for sample in &SAMPLES {
        let day = today.checked_add_days(Days::new(sample.days)).unwrap_or(today);
        let workshop = organiser.graphql(WORKSHOP, json!({ "slug": sample.workshop })).await.map_err(failed("open a workshop"))?;
        let scheduled = organiser.mutate("runSchedule", sample.input(&workshop["workshop"]["id"], day), "runIds").await;
        let scheduled = scheduled.map_err(failed("schedule a run"))?;
        let published = organiser.mutate("runPublish", json!({ "runId": scheduled["runIds"][0] }), "run { title }").await;
        published.map_err(failed("publish a run"))?;
        narrator.say(sample.line(day));
    }
    Ok(())
}

/// Lists those that have places left, as anybody finds them.
pub(super) async fn browse(learner: &Client, narrator: &Narrator) -> Result<(), DemoError> {
    let found = learner.graphql(OPEN, Value::Null).await.map_err(failed("look for a run"))?;
    narrator.say(format!("{} runs with places left", found["runs"]["totalCount"]));
    for run in found["runs"]["nodes"].as_array().into_iter().flatten() {
        let city = run["venue"]["city"].as_str().unwrap_or("online");
        narrator.say(format!("{:<42} {city:<11} {:>3} left", text(&run["title"]), run["left"]));
    }
    Ok(())
}

impl Sample {
    /// As the API takes it.
    fn input(&self, workshop: &Value, day: NaiveDate) -> Value {
        let money = |amount: i64| json!({ "amount": amount, "currency": self.currency });
        let tiers: Vec<_> = self.early.iter().map(|early| json!({ "first": self.capacity / 4, "price": money(*early) })).collect();
        let ticket = json!({ "key": "seat", "name": "Seat", "price": money(self.price), "tiers": tiers });
        let refunds = REFUNDS.map(|(before, percent)| json!({ "beforeMinutes": before, "percent": percent }));
        json!({
            "workshopId": workshop,
            "title": self.title,
            "description": self.description,
            "category": self.category,
            "tags": self.tags,
            "level": self.level,
            "language": self.language,
            "instructor": self.instructor,
            "venue": self.place.input(),
            "link": self.link,
            "startsAt": at(day, self.hours.0),
            "endsAt": at(day, self.hours.1),
            "timeZone": self.time_zone,
            "capacity": self.capacity,
            "currency": self.currency,
            "vatPercent": self.vat_percent,
            "tickets": [ticket],
            "needsApproval": self.needs_approval,
            "refunds": if self.price > 0 { json!(refunds) } else { json!([]) },
        })
    }

    /// As it is told.
    fn line(&self, day: NaiveDate) -> String {
        let price = if self.price == 0 { "free".to_owned() } else { format!("{} {}", price(self.price), self.currency) };
        let approval = if self.needs_approval { ", with approval" } else { "" };
        format!("{:<42} {:<11} {day} {:>3} places, {price}{approval}", self.title, self.place.city, self.capacity)
    }
}

impl Place {
    fn input(&self) -> Value {
        let coordinates = json!({ "latitude": self.latitude, "longitude": self.longitude });
        json!({ "name": self.name, "city": self.city, "coordinates": coordinates })
    }
}

/// What a clock on the wall shows.
fn at(day: NaiveDate, hour: u32) -> String {
    format!("{day}T{hour:02}:00")
}

/// Hundredths as what they are of.
fn price(amount: i64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}
