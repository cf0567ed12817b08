#![allow(missing_docs, dead_code)]
mod driver_contract;
#[path = "sandbox/fixture.rs"]
mod fixture;
use driver_contract::*;
#[tokio::test(flavor = "multi_thread")]
async fn timing() {
    let f = fixture::sandbox().await.expect("ok");
    for _ in 0..8 {
        let spec = spec();
        let t = std::time::Instant::now();
        stand(&f.driver, &spec).await;
        let a = t.elapsed();
        let t = std::time::Instant::now();
        succeed(&f.driver, spec.id, &check("true")).await;
        let b = t.elapsed();
        let t = std::time::Instant::now();
        succeed(&f.driver, spec.id, &check("learner true")).await;
        let b2 = t.elapsed();
        let t = std::time::Instant::now();
        succeed(&f.driver, spec.id, &solution("true")).await;
        let c = t.elapsed();
        let t = std::time::Instant::now();
        fall(&f.driver, spec.id).await;
        println!("start {a:?} check {b:?} learner {b2:?} solution {c:?} end {:?}", t.elapsed());
    }
}
