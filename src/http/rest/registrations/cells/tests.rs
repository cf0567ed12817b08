use domain::{
    booking::{Answer, Quote, run::PaymentStatus},
    kernel::{Money, PaymentId, RefundId},
};
use projections::{
    booking::registrations::{Model, Payment, Refund, RegistrationState},
    column::{Json, Word},
};

use super::{COLUMNS, Cell, Opened, Uuid, cells};

#[test]
fn a_row_has_all_columns() {
    let at = chrono::DateTime::UNIX_EPOCH;
    let yen = |amount| Money::new(amount, "JPY".to_owned().try_into().expect("a currency"));
    let refund = |(id, amount, is_undone)| {
        let refund = RefundId(Uuid::from_u128(id));
        Refund { refund, amount, by_hand: true, is_undone, undone_for: None, at }
    };
    let refunds = [(5, 100, false), (6, 200, false), (7, 400, true)].map(refund).to_vec();
    let payment = PaymentId(Uuid::from_u128(4));
    let status = PaymentStatus::Succeeded;
    let paid = Payment { payment, status, amount: 500, refunds, by_hand: false, undone_for: None, opened_at: at, updated_at: at };
    let row = Model {
        registration: Uuid::from_u128(1),
        run: Uuid::from_u128(2),
        account: None,
        number: 3,
        priority: 0,
        ticket: "seat".into(),
        seats: 2,
        places: 2,
        state: Word(RegistrationState::AwaitingPayment),
        held_until: None,
        approved: false,
        code: None,
        currency: "JPY".into(),
        total: 1200,
        kept: 200,
        owed: 50,
        forgiven: 0,
        owed_for: None,
        reason: None,
        requested_at: at,
        updated_at: at,
        checked_in_at: None,
        quote: Json(Quote { price: yen(600), discount: yen(0), total: yen(1200), tax: yen(109) }),
        payments: Json(vec![paid]),
    };
    let answers = [("diet".to_owned(), Answer::YesNo(true)), ("why".to_owned(), Answer::Choices(vec!["a".into(), "b".into()]))];
    let person =
        Opened { name: Some("=Ada".into()), email: None, attendees: Some(vec!["Ada".into(), "Bob".into()]), answers: Some(answers.into()) };
    let row = cells(&row, None, Some(&person));
    assert_eq!(row.len(), COLUMNS.len());
    let of = |name: &str| &row[COLUMNS.iter().position(|column| *column == name).expect("a column")];
    assert_eq!((of("state"), of("name")), (&Cell::Text("awaiting_payment".into()), &Cell::Text("=Ada".into())));
    assert_eq!((of("attendees"), of("answers")), (&Cell::Text("Ada; Bob".into()), &Cell::Text("diet: yes; why: a, b".into())));
    assert_eq!((of("email"), of("title"), of("code")), (&Cell::Empty, &Cell::Empty, &Cell::Empty));
    let amounts = [("total", 1200), ("tax", 109), ("paid", 200), ("refunded", 300), ("due", 1050), ("owed", 50)];
    for (column, units) in amounts {
        assert_eq!(of(column), &Cell::Decimal { units, scale: 0 }, "{column}");
    }
    assert!(tables::csv::line(&row).contains(",'=Ada,"));
}
