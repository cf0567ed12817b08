//! What an operator may set: defaults, then a TOML file, then the environment (`NALABO_…`), then flags.

mod alerts;
mod booking;
mod clusters;
mod guards;
mod keeping;
mod mail;
mod passkeys;
mod plans;
mod retention;
mod runs;
mod second_factor;
mod sign_in;
mod texts;
mod unusual;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use projections::Tz;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use alerts::is_local;
pub use alerts::{AlertsConfig, Webhook};
pub(crate) use booking::PaymentWay;
pub use booking::{BookingConfig, PaymentKind, PaymentWebhookConfig, PaymentsConfig};
pub use clusters::ClustersConfig;
pub use guards::{DocumentPolicy, ForwardedHeader, GraphqlConfig, RatesConfig, SocketsConfig, TlsConfig};
pub use keeping::JournalConfig;
pub use mail::{MailConfig, MailTls, MailTransport, SmtpConfig};
pub use passkeys::PasskeysConfig;
pub use plans::{PlanConfig, PlansConfig};
pub use retention::RetentionConfig;
pub use runs::RunsConfig;
pub use second_factor::SecondFactorConfig;
pub(crate) use sign_in::{Party, SignIn};
pub use sign_in::{ProviderConfig, RoleRule, SignInConfig};
pub(crate) use texts::TextProvider;
pub use texts::{TextProviderConfig, TextTransport, TextsConfig};
pub use unusual::{PlaceConfig, UnusualSignInsConfig};

/// How addresses of databases begin.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// What an operator may set. In the environment `NALABO_DATA_DIR` sets `data_dir`, `NALABO_SANDBOX__FIRST_UID` sets
/// `first_uid` of `[sandbox]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port to serve at; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The database that keeps the journal and the read models, instead of files in `data_dir`; may hold a password.
    #[serde(serialize_with = "hidden")]
    pub database_url: Option<SecretString>,
    /// The database that keeps keys, if they have one of their own; may hold a password.
    #[serde(serialize_with = "hidden")]
    pub vault_url: Option<SecretString>,
    /// Connections open at once, web sockets included.
    pub connections: usize,
    /// Serves `GraphiQL` and introspection.
    pub development: bool,
    /// Origins whose pages may ask and open web sockets, besides the server's own.
    pub origins: Vec<String>,
    /// Networks of proxies that are believed about where requests come from.
    pub trusted_proxies: Vec<String>,
    /// Where they say it.
    pub forwarded_header: ForwardedHeader,
    /// In which days, weeks and months of leaderboards begin; an IANA name.
    pub time_zone: Tz,
    /// Passwords hashed at once; 0: as many as there are processors, but one.
    pub hashing: usize,
    /// Streams whose state is kept in memory; 0: none.
    pub cached_streams: u32,
    pub tls: TlsConfig,
    pub rates: RatesConfig,
    pub sockets: SocketsConfig,
    pub plans: PlansConfig,
    pub runs: RunsConfig,
    pub graphql: GraphqlConfig,
    pub tokens: TokenConfig,
    pub second_factor: SecondFactorConfig,
    pub retention: RetentionConfig,
    pub unusual_sign_ins: UnusualSignInsConfig,
    pub journal: JournalConfig,
    pub evidence: EvidenceConfig,
    pub sandbox: SandboxConfig,
    pub clusters: ClustersConfig,
    pub alerts: AlertsConfig,
    pub mail: MailConfig,
    pub booking: BookingConfig,
    pub payments: PaymentsConfig,
    pub sign_in: SignInConfig,
    pub passkeys: PasskeysConfig,
    pub text_messages: TextsConfig,
    pub terminal: TerminalConfig,
    pub telemetry: TelemetryConfig,
}

/// How tokens are made out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenConfig {
    pub issuer: String,
    pub audience: String,
    pub access_minutes: u32,
    pub refresh_days: u32,
    pub longest_days: u32,
    pub step_up_minutes: u32,
    pub email_revert_days: u32,
}

/// When the journal's head is signed, and where checkpoints go.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvidenceConfig {
    /// Signed after so many events; 0: not for their number.
    pub every_events: u64,
    /// Signed after so long, if it has moved; 0: not for the time.
    pub every_minutes: u32,
    /// Checkpoints are appended to this file, best one that this host cannot change.
    pub file: Option<PathBuf>,
    /// Checkpoints are sent there by POST; an address of this host, `http://127.0.0.1:…`.
    pub webhook: Option<String>,
}

/// How environments are made on this host.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxConfig {
    /// Permits sandboxes although others than this host can reach the server.
    pub allow_public: bool,
    /// As root: the first user id that sandboxes run under.
    pub first_uid: u32,
    /// As root: how many user ids there are, and so the most sandboxes at once.
    pub uids: u32,
    /// More of the host to show read-only.
    pub read_only: Vec<PathBuf>,
    /// A delegated cgroup v2 folder.
    pub cgroup: Option<PathBuf>,
}

/// How terminals behave.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TerminalConfig {
    /// Closed after so many minutes without a byte in either direction.
    pub idle_minutes: u32,
    /// Open at once, over all environments.
    pub at_once: usize,
}

/// What is told to operators.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// Such as `info` or `nalabo=debug,warn`.
    pub log: String,
    /// Logs one JSON object a line.
    pub json: bool,
    /// Where traces go by OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`.
    pub otlp_endpoint: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir: "nalabo-data".into(),
            database_url: None,
            vault_url: None,
            connections: 4096,
            development: false,
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::default(),
            time_zone: Tz::UTC,
            hashing: 0,
            cached_streams: 10_000,
            tls: TlsConfig::default(),
            rates: RatesConfig::default(),
            sockets: SocketsConfig::default(),
            plans: PlansConfig::default(),
            runs: RunsConfig::default(),
            graphql: GraphqlConfig::default(),
            tokens: TokenConfig::default(),
            second_factor: SecondFactorConfig::default(),
            retention: RetentionConfig::default(),
            unusual_sign_ins: UnusualSignInsConfig::default(),
            journal: JournalConfig::default(),
            evidence: EvidenceConfig::default(),
            sandbox: SandboxConfig::default(),
            clusters: ClustersConfig::default(),
            alerts: AlertsConfig::default(),
            mail: MailConfig::default(),
            booking: BookingConfig::default(),
            payments: PaymentsConfig::default(),
            sign_in: SignInConfig::default(),
            passkeys: PasskeysConfig::default(),
            text_messages: TextsConfig::default(),
            terminal: TerminalConfig::default(),
            telemetry: TelemetryConfig::default(),
        }
    }
}

impl Default for TokenConfig {
    fn default() -> Self {
        let (issuer, audience) = ("nalabo".into(), "nalabo-api".into());
        Self { issuer, audience, access_minutes: 30, refresh_days: 7, longest_days: 90, step_up_minutes: 10, email_revert_days: 7 }
    }
}

impl Default for EvidenceConfig {
    fn default() -> Self {
        Self { every_events: 10_000, every_minutes: 60, file: None, webhook: None }
    }
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self { allow_public: false, first_uid: 200_000, uids: 1000, read_only: Vec::new(), cgroup: None }
    }
}

impl Default for TerminalConfig {
    fn default() -> Self {
        Self { idle_minutes: 30, at_once: 64 }
    }
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { log: "info".into(), json: false, otlp_endpoint: None }
    }
}

/// A setting that is not as it should be, with its name and where it was found.
#[derive(Debug, thiserror::Error)]
#[error("configuration: {0}")]
pub struct ConfigError(pub(crate) String);

impl Config {
    /// Reads the file, if one is named, and the environment. Flags come on top.
    ///
    /// # Errors
    /// An unknown or malformed setting, or a file that is not there.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut settings = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError(format!("{} is no file", file.display())));
            }
            settings = settings.merge(Toml::file_exact(file));
        }
        // Other programs, and our own secrets, use the prefix too: only settings are taken.
        let known = |key: &figment::value::UncasedStr| {
            let top = key.as_str().split("__").next().unwrap_or_default().to_ascii_lowercase();
            settings_names().contains(&top)
        };
        let settings = settings.merge(Env::prefixed("NALABO_").filter(known).split("__"));
        let config: Self = settings.extract().map_err(|error| ConfigError(error.to_string()))?;
        config.checked()
    }

    /// The same, if every setting can be what it is.
    ///
    /// # Errors
    /// The first one that cannot, by its name; never with its value, which may be secret.
    pub fn checked(self) -> Result<Self, ConfigError> {
        let positive = [
            ("tokens.access_minutes", u64::from(self.tokens.access_minutes)),
            ("tokens.refresh_days", u64::from(self.tokens.refresh_days)),
            ("tokens.longest_days", u64::from(self.tokens.longest_days)),
            ("tokens.step_up_minutes", u64::from(self.tokens.step_up_minutes)),
            ("tokens.email_revert_days", u64::from(self.tokens.email_revert_days)),
            ("connections", self.connections as u64),
            ("sandbox.uids", u64::from(self.sandbox.uids)),
            ("sandbox.first_uid", u64::from(self.sandbox.first_uid)),
            ("clusters.health_seconds", u64::from(self.clusters.health_seconds)),
            ("clusters.environments_at_once", self.clusters.environments_at_once as u64),
            ("clusters.requests_at_once", self.clusters.requests_at_once as u64),
            ("terminal.idle_minutes", u64::from(self.terminal.idle_minutes)),
            ("terminal.at_once", self.terminal.at_once as u64),
        ];
        if let Some((name, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(ConfigError(format!("{name}: expected a number above 0")));
        }
        if let Some(url) = self.evidence.webhook.as_ref().filter(|url| !is_local(url)) {
            return Err(ConfigError(format!(
                "evidence.webhook: expected http:// and an address of this host, such as http://127.0.0.1:9000/, found {url}"
            )));
        }
        for (name, url) in [("database_url", &self.database_url), ("vault_url", &self.vault_url)] {
            if url.as_ref().is_some_and(|url| !SCHEMES.iter().any(|scheme| url.expose_secret().starts_with(scheme))) {
                return Err(ConfigError(format!("{name}: expected postgres://USER@HOST:PORT/DATABASE")));
            }
        }
        self.journal.checked()?;
        self.clusters.prices.checked()?;
        self.clusters.thresholds()?;
        self.alerts.checked()?;
        self.alerts.operators()?;
        self.mail.checked()?;
        self.booking.reminded_before()?;
        self.payments.checked(self.development)?;
        self.payments.patience()?;
        self.sign_in.checked()?;
        self.passkeys()?;
        self.text_messages.checked()?;
        self.unusual_sign_ins.watch()?;
        self.guards()?;
        self.plans.checked()?;
        self.runs.checked()?;
        self.retention.kept_for()?;
        self.retention.addresses_kept_for()?;
        self.retention.guests_kept_for()?;
        if self.vault_url.is_some() && self.database_url.is_none() {
            return Err(ConfigError("vault_url: expected database_url beside it; without, keys are kept in data_dir".into()));
        }
        Ok(self)
    }

    /// Where the events are.
    #[must_use]
    pub fn journal_path(&self) -> PathBuf {
        self.data_dir.join("journal.db")
    }

    /// Where the keys are.
    #[must_use]
    pub fn vault_path(&self) -> PathBuf {
        self.data_dir.join("vault.db")
    }
}

/// A secret is not written, not even to be read back.
#[allow(clippy::ref_option)] // As serde calls it.
fn hidden<S: Serializer>(_: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_none()
}

fn settings_names() -> Vec<String> {
    let defaults = serde_json::to_value(Config::default()).ok();
    let names = defaults.as_ref().and_then(serde_json::Value::as_object).map(|names| names.keys().cloned().collect());
    names.unwrap_or_default()
}

#[cfg(test)]
mod tests;
