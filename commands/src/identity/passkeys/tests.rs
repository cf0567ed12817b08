use super::PasskeySite;

fn site(domain: &str, origins: &[&str]) -> Option<Vec<String>> {
    let origins: Vec<_> = origins.iter().map(|origin| (*origin).to_owned()).collect();
    let site = PasskeySite::try_new(domain, &origins, "Nalabo")?;
    Some(site.webauthn.get_allowed_origins().iter().map(ToString::to_string).collect())
}

#[test]
fn origins_are_within_the_domain() {
    let one = site("nalabo.example.org", &["https://nalabo.example.org"]);
    assert_eq!(one, Some(vec!["https://nalabo.example.org/".to_owned()]));
    let two = site("example.org", &["https://nalabo.example.org", "https://app.example.org:8443"]);
    assert_eq!(two.map(|origins| origins.len()), Some(2));
    assert!(site("localhost", &["http://localhost:8080"]).is_some());
    for (domain, origins) in [
        ("example.org", &["https://badexample.org"][..]),
        ("example.org", &["https://example.org", "https://example.com"]),
        ("nalabo.example.org", &["https://example.org"]),
        ("127.0.0.1", &["http://127.0.0.1:8080"]),
        ("example.org", &["example.org"]),
        ("example.org", &[]),
        ("", &["https://example.org"]),
    ] {
        assert_eq!(site(domain, origins), None, "{domain} {origins:?}");
    }
}
