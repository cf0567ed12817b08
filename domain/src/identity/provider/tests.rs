use super::ProviderName;

#[test]
fn a_name_stands_in_addresses_as_it_is() {
    for good in ["a", "corp-login", "0", &"x".repeat(32)] {
        assert_eq!(ProviderName::try_new(good).expect(good).as_str(), good);
    }
    for bad in ["", "Corp", "a/b", "a.b", "a b", "é", &"x".repeat(33)] {
        ProviderName::try_new(bad).expect_err(bad);
    }
}
