//! Making, seeing and undoing.

use std::sync::Arc;

use domain::kernel::EnvironmentId;
use orchestrator::driver::{Driver, DriverError, Observed};
use uuid::Uuid;

use super::{check, fall, file, run, spec, stand, succeed};

pub(crate) async fn applying_twice_keeps_what_stands(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    driver.put_files(spec.id, &[file("kept", "yes")]).await.expect("the file is put");
    stand(&driver, &spec).await;
    assert_eq!(succeed(&driver, spec.id, &check("cat kept")).await, "yes");
    fall(&driver, spec.id).await;
}

pub(crate) async fn what_is_observed_follows_what_is_done(driver: Arc<dyn Driver>) {
    let spec = spec();
    assert_eq!(driver.observe(spec.id).await.expect("seen"), Observed::Absent);
    stand(&driver, &spec).await;
    assert_eq!(driver.observe(spec.id).await.expect("seen"), Observed::Running);
    assert!(driver.list().await.expect("listed").contains(&spec.id));
    fall(&driver, spec.id).await;
    assert_eq!(driver.observe(spec.id).await.expect("seen"), Observed::Absent);
    assert!(!driver.list().await.expect("listed").contains(&spec.id));
}

pub(crate) async fn reverting_what_is_not_there_is_done(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    fall(&driver, spec.id).await;
    fall(&driver, spec.id).await;
    fall(&driver, EnvironmentId(Uuid::now_v7())).await;
}

pub(crate) async fn a_fallen_environment_can_be_made_again(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    driver.put_files(spec.id, &[file("old", "")]).await.expect("the file is put");
    fall(&driver, spec.id).await;
    stand(&driver, &spec).await;
    succeed(&driver, spec.id, &check("! test -e old")).await;
    fall(&driver, spec.id).await;
}

pub(crate) async fn an_unknown_step_is_refused_for_good(driver: Arc<dyn Driver>) {
    let spec = spec();
    let applied = driver.apply("no-such-step", &spec).await;
    assert!(matches!(applied, Err(DriverError::Terminal(_))), "{applied:?}");
    let reverted = driver.revert("no-such-step", spec.id).await;
    assert!(matches!(reverted, Err(DriverError::Terminal(_))), "{reverted:?}");
}

pub(crate) async fn what_does_not_stand_runs_nothing(driver: Arc<dyn Driver>) {
    let nowhere = EnvironmentId(Uuid::now_v7());
    assert!(driver.run(nowhere, &check("true")).await.is_err());
    assert!(driver.put_files(nowhere, &[file("a", "")]).await.is_err());
}

pub(crate) async fn environments_are_apart(driver: Arc<dyn Driver>) {
    let (one, other) = (spec(), spec());
    stand(&driver, &one).await;
    stand(&driver, &other).await;
    driver.put_files(one.id, &[file("mine", "1")]).await.expect("the file is put");
    succeed(&driver, other.id, &check("! test -e mine")).await;
    fall(&driver, one.id).await;
    assert_eq!(run(&driver, other.id, &check("true")).await.end, orchestrator::driver::ScriptEnd::Exited(0));
    fall(&driver, other.id).await;
}
