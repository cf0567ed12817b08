use super::*;

#[tokio::test]
async fn somebody_has_one_turn_at_a_time_and_leaves_the_others_to_others() {
    let turns = Turns::new(LONGEST);
    let ada = turns.take("ada").expect("a turn");
    assert!(turns.take("ada").is_none(), "one at a time");
    let bob = turns.take("bob").expect("what is refused takes no place");
    assert!(turns.take("eve").is_none(), "all are taken");
    drop(ada);
    let eve = turns.take("eve").expect("a place was given up");
    assert!(!bob.is_over() && !eve.is_over());
}

#[tokio::test]
async fn a_turn_that_is_over_is_given_up_though_somebody_holds_it() {
    let turns = Turns::new(Duration::ZERO);
    let (ada, bob) = (turns.take("ada").expect("a turn"), turns.take("bob").expect("a turn"));
    while !(ada.is_over() && bob.is_over()) {
        tokio::task::yield_now().await;
    }
    let again = turns.take("ada").expect("it is hers no more");
    assert!(again.within(std::future::pending::<()>()).await.is_none(), "nor is work waited for");
    drop((ada, bob));
}

#[tokio::test]
async fn what_is_done_in_time_is_had() {
    let turns = Turns::new(LONGEST);
    let turn = turns.take("ada").expect("a turn");
    assert_eq!(turn.within(async { 1 }).await, Some(1));
    assert!(turns.take("ada").is_some(), "it has ended");
}
