use projections::ReadModelState;

use super::*;

fn status(name: &'static str, position: i64, parked: Option<&str>) -> ReadModelStatus {
    ReadModelStatus {
        name,
        version: 1,
        state: if parked.is_some() { ReadModelState::Parked } else { ReadModelState::Following },
        position: Position(position),
        head: Position(2),
        behind: 0,
        per_second: 0.0,
        remaining: None,
        parked: parked.map(str::to_owned),
    }
}

/// Why nobody is told or erased where sign-ins are so far.
fn why_not(sign_ins: ReadModelStatus) -> Option<String> {
    all_have(Position(2), &[status("accounts", 2, None), sign_ins]).err().map(|fault| match fault {
        Fault::Outside(why) => why,
        fault => panic!("{fault}"),
    })
}

#[test]
fn nobody_is_idle_to_read_models_of_which_one_does_not_go_on_or_is_behind() {
    assert_eq!(why_not(status("sign_ins", 2, None)), None);
    assert_eq!(why_not(status("sign_ins", 3, None)), None, "more was recorded meanwhile");
    assert_eq!(why_not(status("sign_ins", 1, None)).as_deref(), Some("the read models are behind"));
    for position in [1, 2] {
        let parked = status("sign_ins", position, Some("a row is missing"));
        assert_eq!(why_not(parked).as_deref(), Some("the read model sign_ins is parked"));
    }
}
