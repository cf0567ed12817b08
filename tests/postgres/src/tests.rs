#[test]
fn a_database_goes_with_its_test() {
    let count = |name: &str| {
        let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
        super::shared().and_then(|server| server.sql("postgres", &count)).expect("a count")
    };
    let test = std::thread::spawn(move || {
        let url = super::database();
        let name = url.rsplit('/').next().expect("a name").to_owned();
        assert_eq!(count(&name), "1");
        name
    });
    assert_eq!(count(&test.join().expect("a test")), "0");
}
