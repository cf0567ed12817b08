use journal::Position;
use projections::ReadModelState;

use super::*;

fn status(name: &'static str, parked: Option<&str>) -> ReadModelStatus {
    ReadModelStatus {
        name,
        version: 1,
        state: if parked.is_some() { ReadModelState::Parked } else { ReadModelState::Following },
        position: Position(1),
        head: Position(1),
        behind: 0,
        per_second: 0.0,
        remaining: None,
        parked: parked.map(str::to_owned),
    }
}

#[test]
fn nobody_is_idle_to_read_models_of_which_one_does_not_go_on() {
    none_is_parked(&[status("accounts", None), status("sign_ins", None)]).expect("all go on");
    let fault = none_is_parked(&[status("accounts", None), status("sign_ins", Some("a row is missing"))]).expect_err("one is parked");
    assert!(matches!(&fault, Fault::Outside(why) if why == "the read model sign_ins is parked"), "{fault}");
}
