use super::{Config, PasskeysConfig};
use crate::config::SignInConfig;

fn config(site: Option<&str>, domain: Option<&str>, origins: &[&str], public_url: Option<&str>) -> Config {
    let owned = |text: &str| text.to_owned();
    let origins = origins.iter().map(|origin| owned(origin)).collect();
    let passkeys = PasskeysConfig { site: site.map(owned), domain: domain.map(owned), origins };
    let sign_in = SignInConfig { public_url: public_url.map(owned), ..SignInConfig::default() };
    Config { sign_in, passkeys, ..Config::default() }
}

#[test]
fn passkeys_are_for_a_site_that_browsers_trust() {
    let there = |config: Config| config.passkeys().expect("as expected").is_some();
    assert!(!there(Config::default()));
    assert!(there(config(Some("https://nalabo.example.org"), None, &[], None)));
    assert!(there(config(Some("http://localhost:8080/"), None, &[], None)));
    assert!(there(config(Some("https://nalabo.example.org"), Some("example.org"), &["https://app.example.org"], None)));
    assert!(there(config(None, None, &[], Some("https://nalabo.example.org/"))), "where providers send people back to");
    assert!(!there(config(None, None, &[], Some("http://127.0.0.1:8080"))), "which may be by its number");
    for wrong in [
        config(Some("http://127.0.0.1:8080"), None, &[], None),
        config(Some("http://nalabo.example.org"), None, &[], None),
        config(Some("https://nalabo.example.org"), Some("example.com"), &[], None),
        config(Some("https://nalabo.example.org"), None, &["https://app.example.org"], None),
        config(Some("https://nalabo.example.org"), Some("example.org"), &["http://app.example.org"], None),
        config(Some("nalabo"), None, &[], None),
        config(None, Some("example.org"), &[], None),
    ] {
        let error = wrong.checked().expect_err("refused").to_string();
        assert!(error.starts_with("configuration: passkeys: expected site"), "{error}");
    }
}
