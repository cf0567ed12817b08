//! Files in the home.

use std::sync::Arc;

use domain::workshops::content::ProvidedFile;
use orchestrator::driver::{Driver, DriverError};

use super::{check, fall, file, solution, spec, stand, succeed};

pub(crate) async fn files_are_there_from_the_start(driver: Arc<dyn Driver>) {
    let mut spec = spec();
    spec.files =
        vec![file("src/deep/main.txt", "first\nsecond"), ProvidedFile { executable: true, ..file("run it.sh", "#!/bin/sh\necho ran") }];
    stand(&driver, &spec).await;
    assert_eq!(succeed(&driver, spec.id, &check("cat src/deep/main.txt")).await, "first\nsecond");
    assert_eq!(succeed(&driver, spec.id, &solution("'./run it.sh'")).await, "ran\n");
    fall(&driver, spec.id).await;
}

pub(crate) async fn files_are_the_learners_and_replaced_whole(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    driver.put_files(spec.id, &[file("a", "long contents"), file("empty", "")]).await.expect("the files are put");
    succeed(&driver, spec.id, &solution("echo more >> a && test -O a && test -f empty && ! test -s empty")).await;
    let large = "0123456789abcde\n".repeat(40_000);
    driver.put_files(spec.id, &[file("a", "short"), file("large", &large)]).await.expect("the files are put");
    assert_eq!(succeed(&driver, spec.id, &check("cat a; wc -c < large")).await, "short640000\n");
    fall(&driver, spec.id).await;
}

pub(crate) async fn paths_out_of_the_home_are_refused(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    for path in ["/etc/motd", "../up", "a/../../up", "", "a\nb"] {
        let put = driver.put_files(spec.id, &[file(path, "x")]).await;
        assert!(matches!(put, Err(DriverError::Terminal(_))), "{path:?}: {put:?}");
    }
    fall(&driver, spec.id).await;
}

pub(crate) async fn links_of_the_learner_are_not_followed(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    succeed(
        &driver,
        spec.id,
        &solution("mkdir /tmp/elsewhere; ln -s /tmp/elsewhere folder; echo kept > /tmp/target; ln -s /tmp/target link"),
    )
    .await;
    let put = driver.put_files(spec.id, &[file("folder/a", "x")]).await;
    assert!(matches!(&put, Err(DriverError::Terminal(text)) if text.contains("folder")), "{put:?}");
    driver.put_files(spec.id, &[file("link", "mine")]).await.expect("the link is replaced");
    assert_eq!(succeed(&driver, spec.id, &check("ls -A /tmp/elsewhere; cat /tmp/target link")).await, "kept\nmine");
    fall(&driver, spec.id).await;
}

pub(crate) async fn a_missing_program_is_named(driver: Arc<dyn Driver>) {
    let mut spec = spec();
    spec.needs.programs = vec!["bash".to_owned(), "no-such-program".to_owned()];
    let mut refused = Vec::new();
    for step in driver.steps() {
        if let Err(error) = driver.apply(step, &spec).await {
            refused.push(error);
        }
    }
    assert!(matches!(&refused[..], [DriverError::Terminal(text)] if text.contains("no-such-program")), "{refused:?}");
    fall(&driver, spec.id).await;
}
