use super::*;

fn from_file(toml: &str) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("nalabo.toml");
    std::fs::write(&file, toml).expect("written");
    Config::load(Some(&file))
}

#[test]
fn a_file_sets_what_it_names_and_leaves_the_rest() {
    let config = from_file("time_zone = \"Europe/Paris\"\n[tokens]\naccess_minutes = 5").expect("valid");
    assert_eq!((config.time_zone, config.tokens.access_minutes, config.tokens.refresh_days), (Tz::Europe__Paris, 5, 7));
}

/// Files with a mistake, and how the setting is named that it is in.
const MISTAKES: &[(&str, &str)] = &[
    ("lisen = \"127.0.0.1:1\"", "lisen"),
    ("listen = \"everywhere\"", "listen"),
    ("time_zone = \"Mars/Olympus\"", "time_zone"),
    ("[journal]\nsynchronous = \"maybe\"", "synchronous"),
    ("[journal]\nmaster_key_command = \"vault read key\"", "master_key_command"),
    ("[journal]\nmaster_key_command = [\"\"]", "journal.master_key_command"),
    ("[journal]\nmaster_key_command = [\"a\"]\nmaster_key_file = \"b\"", "journal.master_key_command"),
    ("[journal]\nmaster_key_command_seconds = 0", "journal.master_key_command_seconds"),
    ("[journal]\nmaster_key_command_seconds = 61", "journal.master_key_command_seconds"),
    ("[tokens]\naccess_minutes = 0", "tokens.access_minutes"),
    ("[runs]\nsession_minutes = 1441", "runs.session_minutes"),
    ("[retention]\ninactive_days = 29", "retention.inactive_days"),
    ("[retention]\ninactive_days = 3651", "retention.inactive_days"),
    ("[retention]\nguest_days = 29", "retention.guest_days"),
    ("[retention]\nguest_days = 3651", "retention.guest_days"),
    ("[tokens]\nlongest_days = 0", "tokens.longest_days"),
    ("[tokens]\nemail_revert_days = 0", "tokens.email_revert_days"),
    ("[tokens]\nstep_up_minutes = 0", "tokens.step_up_minutes"),
    ("[clusters]\nhealth_seconds = 0", "clusters.health_seconds"),
    ("[clusters]\nrequests_per_second = 0", "requests_per_second"),
    ("[clusters]\nshort_percent = 101", "clusters.short_percent"),
    ("[clusters]\nshort_percent = 60\nregained_percent = 61", "clusters.regained_percent"),
    ("[clusters.prices]\ncurrency = \"euro\"", "clusters.prices.currency"),
    ("[clusters.prices]\ncpu_hour = 0.1", "clusters.prices.currency"),
    ("[clusters.prices]\ncurrency = \"EUR\"\ncluster_hour = -1", "clusters.prices.cluster_hour"),
    ("[evidence]\nwebhook = \"http://example.org/\"", "evidence.webhook"),
    ("[evidence]\nwebhook = \"https://127.0.0.1/\"", "evidence.webhook"),
    ("[evidence]\nwebhook = \"nonsense\"", "evidence.webhook"),
    ("[alerts]\nmail_to = [\"ops@example.org\", \"nobody\"]", "alerts.mail_to[1]"),
    ("[mail]\ntransport = \"pigeon\"", "transport"),
    ("[mail]\nfrom = \"nobody\"", "mail.from"),
    ("[mail]\nfrom = \"Nalabo\\r\\nBcc: eve@example.org <a@example.org>\"", "mail.from"),
    ("[mail]\nsite = \"javascript:alert(1)\"", "mail.site"),
    ("[mail]\ntransport = \"smtp\"", "mail.smtp.host"),
    ("[mail.smtp]\ntimeout_seconds = 0", "mail.smtp.timeout_seconds"),
    ("[mail.smtp]\ntls = \"maybe\"", "tls"),
    ("[mail.smtp]\nuser = \"nalabo\"", "mail.smtp.password"),
    ("[mail.smtp]\nhost = \"mail.example.org\"\ntls = \"none\"\nuser = \"nalabo\"\npassword = \"secret\"", "mail.smtp.tls"),
    ("[booking]\nreminder_hours = 8761", "booking.reminder_hours"),
    ("[payments]\nprovider = \"purse\"", "provider"),
    ("[payments]\ntimeout_seconds = 0", "payments.timeout_seconds"),
    ("[payments]\ntimeout_seconds = 61", "payments.timeout_seconds"),
    ("[payments]\nprovider = \"capture\"", "payments.provider"),
    ("[payments]\nprovider = \"webhook\"", "payments.webhook.checkout"),
    ("[payments]\nprovider = \"webhook\"\n[payments.webhook]\ncheckout = \"http://pay.example.org/\"", "payments.webhook.checkout"),
    ("[payments]\nprovider = \"webhook\"\n[payments.webhook]\ncheckout = \"https://pay.example.org/\"", "payments.webhook.secret"),
    (
        "[payments]\nprovider = \"webhook\"\n[payments.webhook]\ncheckout = \"https://pay.example.org/\"\nsecret = \"short\"",
        "payments.webhook.secret",
    ),
    ("trusted_proxies = [\"10.0.0.0/33\"]", "trusted_proxies"),
    ("trusted_proxies = [\"proxy.example.org\"]", "trusted_proxies"),
    ("[unusual_sign_ins]\nspeed_limit = -1", "speed_limit"),
    ("[[unusual_sign_ins.places]]\ncountry = \"FR\"", "unusual_sign_ins.places[0].networks"),
    ("forwarded_header = \"x-real-ip\"", "forwarded_header"),
    ("origins = [\"*\"]", "origins"),
    ("origins = [\"https://app.example.org/\"]", "origins"),
    ("[tls]\ncertificate = \"cert.pem\"", "tls.key"),
    ("[tls]\nkey = \"key.pem\"", "tls.certificate"),
    ("[graphql]\ndocuments = \"trusted\"", "graphql.trusted_documents"),
    ("[graphql]\ndocuments = \"some\"", "documents"),
    ("sessions_per_learner = 3", "sessions_per_learner"),
    ("[plans.gold]\nsessions = 3", "gold"),
    ("[plans.free]\nsessions = 10001", "plans.free.sessions"),
    ("[plans.team]\nstorage_mebibytes = 16777217", "plans.team.storage_mebibytes"),
    ("[plans.team]\nruns = 10001", "plans.team.runs"),
    ("[plans.team]\ncommunities = 10001", "plans.team.communities"),
    ("[rates.operations_per_minute]\nsignIn = -1", "signIn"),
    ("[retention]\naddress_months = 121", "retention.address_months"),
    ("[sockets]\naddress_at_once = -1", "address_at_once"),
    ("[sockets]\nper_account = 5", "per_account"),
];

#[test]
fn a_mistake_is_answered_with_the_setting_it_is_in() {
    for (toml, named) in MISTAKES {
        let error = from_file(toml).expect_err(toml).to_string();
        assert!(error.contains(named), "{toml} was answered with {error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::load(Some(Path::new("/nowhere/nalabo.toml"))).expect_err("no such file").to_string();
    assert!(error.contains("/nowhere/nalabo.toml"), "{error}");
}

#[test]
fn addresses_of_databases_are_checked_and_never_shown() {
    for (name, beside) in [("database_url", ""), ("vault_url", "database_url = \"postgres://nalabo@127.0.0.1/nalabo\"\n")] {
        let config = from_file(&format!("{beside}{name} = \"postgres://nalabo:canary@127.0.0.1:5432/nalabo\"")).expect("valid");
        let written = serde_json::to_string(&config).expect("JSON");
        assert!(!format!("{config:?}{written}").contains("canary"), "{config:?} {written}");
        let error =
            from_file(&format!("{beside}{name} = \"mysql://nalabo:canary@127.0.0.1/nalabo\"")).expect_err("not PostgreSQL").to_string();
        assert!(error.contains(name) && !error.contains("canary"), "{error}");
    }
    let error = from_file("vault_url = \"postgres://nalabo@127.0.0.1/keys\"").expect_err("keys alone").to_string();
    assert!(error.contains("vault_url"), "{error}");
}

#[test]
fn the_password_of_a_mail_server_is_never_shown() {
    let config = from_file("[mail.smtp]\nhost = \"localhost\"\nuser = \"nalabo\"\npassword = \"canary\"").expect("valid");
    let written = serde_json::to_string(&config).expect("JSON");
    assert!(!format!("{config:?}{written}").contains("canary"), "{config:?} {written}");
}

#[test]
fn proxies_are_addresses_and_networks() {
    assert!(from_file("trusted_proxies = [\"10.0.0.0/8\", \"::1\", \"192.0.2.7\"]\nforwarded_header = \"forwarded\"").is_ok());
}

#[test]
fn what_a_plan_allows_is_set_one_by_one() {
    let said = "[plans.free]\nsessions = 7\n[plans.team]\nstorage_mebibytes = 0\n[plans.enterprise]\nruns = 9\ncommunities = 8";
    let plans = from_file(said).expect("valid").plans.limits();
    let usual = commands::plans::PlanLimits::default();
    assert_eq!((plans.free.sessions, plans.free.storage, plans.free.runs), (7, usual.free.storage, usual.free.runs));
    assert_eq!((plans.team.sessions, plans.team.storage.0), (usual.team.sessions, 0));
    let enterprise = plans.enterprise;
    assert_eq!((enterprise.sessions, enterprise.runs, enterprise.communities), (usual.enterprise.sessions, 9, 8));
}

#[test]
fn what_one_operation_may_is_set_beside_the_others() {
    let quotas =
        from_file("[rates]\naddress_per_minute = 7\n[rates.operations_per_minute]\nsignIn = 9\nme = 8").expect("valid").rates.quotas();
    let operation = |name: &str| quotas.operations.get(name).copied();
    assert_eq!((quotas.address, operation("signIn"), operation("me"), operation("tokenRefresh")), (7, Some(9), Some(8), Some(3000)));
    let off = from_file("[rates]\nlimited = false").expect("valid").rates.quotas();
    assert_eq!((off.address, off.account, off.operations.len()), (0, 0, 0));
}

#[test]
fn how_many_sockets_one_caller_has_is_set_one_by_one() {
    let bounds = |toml: &str| from_file(toml).expect("valid").sockets.bounds();
    assert_eq!((bounds("").address, bounds("").account), (1000, 50));
    let account = bounds("[sockets]\naccount_at_once = 0");
    assert_eq!((account.address, account.account), (1000, 0));
}

#[test]
fn administrators_need_a_second_factor_unless_it_is_set_otherwise() {
    let roles = |toml: &str| from_file(toml).expect("valid").second_factor_for();
    let all: std::collections::BTreeSet<_> = [domain::identity::Role::Administrator, domain::identity::Role::SuperAdministrator].into();
    assert_eq!(roles(""), all);
    assert!(roles("development = true").is_empty() && roles("[second_factor]\nrequired_for = []").is_empty());
    assert_eq!(roles("development = true\n[second_factor]\nrequired_for = [\"super_administrator\", \"administrator\"]"), all);
    assert!(from_file("[second_factor]\nrequired_for = [\"emperor\"]").is_err());
}
