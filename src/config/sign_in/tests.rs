//! What may be written down of providers.

use super::*;

fn provider() -> ProviderConfig {
    ProviderConfig {
        name: "corp".into(),
        issuer: "https://id.example.org".into(),
        client_id: "nalabo".into(),
        client_secret: Some("it is a secret".to_owned().into()),
        roles: vec![RoleRule { claim: "groups".into(), value: "authors".into(), role: "author".into() }],
        ..ProviderConfig::default()
    }
}

fn config(change: impl FnOnce(&mut SignInConfig)) -> Result<Option<SignIn>, String> {
    let mut config =
        SignInConfig { public_url: Some("https://nalabo.example.org".into()), providers: vec![provider()], ..SignInConfig::default() };
    change(&mut config);
    config.checked().map_err(|error| error.to_string())
}

#[test]
fn what_is_whole_is_taken_and_shows_no_secret() {
    let sign_in = config(|_| {}).expect("whole").expect("a provider");
    assert_eq!(sign_in.public_url.as_str(), "https://nalabo.example.org/");
    assert_eq!(sign_in.providers[0].label, "corp");
    assert!(!format!("{sign_in:?}").contains("it is a secret"));
    assert!(config(|config| config.providers.clear()).expect("whole").is_none());
    config(|config| config.public_url = None).expect_err("nobody could be sent back");
}

#[test]
fn a_secret_may_be_in_a_file() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "of a file\n").expect("written");
    let change = |config: &mut SignInConfig| {
        config.providers[0].client_secret = None;
        config.providers[0].client_secret_file = Some(file.path().into());
    };
    let sign_in = config(change).expect("whole").expect("a provider");
    assert_eq!(sign_in.providers[0].client_secret.as_ref().expect("a secret").expose_secret(), "of a file");
}

#[test]
fn what_is_not_as_expected_is_named() {
    type Change = fn(&mut SignInConfig);
    let cases: [(Change, &str); 12] = [
        (|config| config.public_url = Some("http://nalabo.example.org".into()), "public_url"),
        (|config| config.public_url = Some("https://nalabo.example.org?a=b".into()), "public_url"),
        (|config| config.return_to = Some("javascript:alert(1)".into()), "return_to"),
        (|config| config.return_to = Some("https://app.example.org/#there".into()), "return_to"),
        (|config| config.providers[0].name = "Corp".into(), "providers[0].name"),
        (|config| config.providers.push(provider()), "providers[1].name"),
        (|config| config.providers[0].issuer = "http://id.example.org".into(), "providers[0].issuer"),
        (|config| config.providers[0].issuer = "http://127.0.0.1:9000".into(), "providers[0].issuer"),
        (|config| config.providers[0].client_id.clear(), "providers[0].client_id"),
        (|config| config.providers[0].client_secret_file = Some("there".into()), "providers[0].client_secret"),
        (|config| config.providers[0].roles[0].role = "emperor".into(), "providers[0].roles"),
        (|config| config.providers[0].roles[0].value.clear(), "providers[0].roles"),
    ];
    for (change, field) in cases {
        let error = config(change).expect_err(field);
        assert!(error.starts_with(&format!("configuration: sign_in.{field}: expected ")), "{error}");
    }
    config(|config| {
        config.allow_loopback = true;
        config.providers[0].issuer = "http://127.0.0.1:9000".into();
    })
    .expect("on this host, which is allowed");
}
