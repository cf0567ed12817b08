//! A process that is killed while it changes the master key: the vault opens with both keys, and everything that was sealed opens with
//! it. What was interrupted is finished, and from then on exactly one of the two keys fits.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use journal::vault::{MasterKey, MasterKeySource, PostgresVault, SqliteVault, Vault, VaultError};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::sync::Mutex;
use uuid::Uuid;

const DIRECTORY: &str = "NALABO_ROTATION_TEST";
const URL: &str = "NALABO_ROTATION_TEST_URL";
/// Enough that a rotation takes a while.
const PEOPLE: u128 = 1500;
const KEYS: [&str; 2] = ["one.key", "two.key"];
/// After how many rotations, and how long into the next one, the process is killed.
const ROUNDS: [(usize, u64); 6] = [(0, 0), (1, 3), (0, 10), (2, 25), (1, 50), (0, 90)];
/// A child has all open files, and with them their locks, from when it is forked until it runs its program: one test at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Keys in files.
struct Files(Vec<PathBuf>);

impl MasterKeySource for Files {
    fn read(&self) -> Result<Vec<MasterKey>, VaultError> {
        self.0.iter().map(|file| MasterKey::from_file(file, true)).collect()
    }
}

async fn open(directory: &Path, url: Option<&str>, keys: &[&str]) -> Result<Arc<dyn Vault>, VaultError> {
    let keys = Files(keys.iter().map(|key| directory.join(key)).collect());
    Ok(match url {
        None => Arc::new(SqliteVault::init(directory.join("vault.db"), keys).await?),
        Some(url) => Arc::new(PostgresVault::init(url, keys).await?),
    })
}

/// A killed client's last statement may still run in the database.
async fn settled(url: &str) {
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    while sqlx::query_scalar::<_, i64>(others).fetch_one(&mut connection).await.expect("a number") > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Goes on with what was interrupted, if something was; which key fits then.
async fn finish(vault: &dyn Vault, directory: &Path) -> usize {
    for (which, key) in KEYS.into_iter().enumerate() {
        let key = MasterKey::from_file(&directory.join(key), false).expect("a key");
        match vault.rotate_master_key(key).await {
            Ok(_) => return which,
            Err(VaultError::WrongMasterKey { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("neither key is the one that comes next");
}

/// Exactly this key fits, and the other is told which does.
async fn fits_alone(directory: &Path, url: Option<&str>, which: usize) {
    open(directory, url, &[KEYS[which]]).await.expect("it fits").close().await;
    let refused = open(directory, url, &[KEYS[1 - which]]).await.map(drop).expect_err("the other key");
    let fits = MasterKey::from_file(&directory.join(KEYS[which]), false).expect("a key").id();
    assert!(matches!(&refused, VaultError::WrongMasterKey { wanted: Some(wanted), .. } if *wanted == fits), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is the process that the other tests kill"]
async fn rotate_for_ever() {
    let directory = std::env::var_os(DIRECTORY).expect("a directory");
    let url = std::env::var(URL).ok();
    let directory = Path::new(&directory);
    let vault = open(directory, url.as_deref(), &KEYS).await.expect("a vault");
    let mut which = finish(&*vault, directory).await;
    loop {
        writeln!(std::io::stdout(), "rotating").expect("somebody listens");
        which = 1 - which;
        let key = MasterKey::from_file(&directory.join(KEYS[which]), false).expect("a key");
        vault.rotate_master_key(key).await.expect("rotated");
    }
}

fn kill_at(directory: &Path, url: Option<&str>, rotations: usize, milliseconds: u64) {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["rotate_for_ever", "--exact", "--ignored", "--nocapture"]).env(DIRECTORY, directory);
    if let Some(url) = url {
        command.env(URL, url);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a child");
    let mut begun = 0;
    for line in BufReader::new(child.stdout.take().expect("its output")).lines() {
        begun += usize::from(line.expect("text").ends_with("rotating"));
        if begun == rotations + 1 {
            // Where in the rotation it is killed, not a wait for anything.
            std::thread::sleep(Duration::from_millis(milliseconds));
            child.kill().expect("killed");
            break;
        }
    }
    assert_eq!(begun, rotations + 1, "the process ended by itself");
    child.wait().expect("an end");
}

async fn survives(url: Option<&str>) {
    let _alone = ALONE.lock().await;
    let directory = TempDir::new().expect("a directory");
    let directory = directory.path();
    MasterKey::generate_file(&directory.join(KEYS[1])).expect("a key");
    let vault = open(directory, url, &KEYS[..1]).await.expect("a vault");
    let mut sealed = Vec::new();
    for number in 0..PEOPLE {
        let subject = Uuid::from_u128(number);
        sealed.push((subject, vault.seal(subject, Uuid::nil(), b"somebody").await.expect("sealed")));
    }
    vault.close().await;
    let texts: Vec<(Uuid, &str)> = sealed.iter().map(|(subject, text)| (*subject, text.as_str())).collect();
    for (rotations, milliseconds) in ROUNDS {
        kill_at(directory, url, rotations, milliseconds);
        if let Some(url) = url {
            settled(url).await;
        }
        let vault = open(directory, url, &KEYS).await.expect("both keys fit, however far it came");
        let opened = vault.open_many(&texts).await.expect("every key unwraps");
        assert!(opened.iter().all(Option::is_some));
        let which = finish(&*vault, directory).await;
        vault.close().await;
        fits_alone(directory, url, which).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_rotation_is_readable_and_finished_later_on_sqlite() {
    survives(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_rotation_is_readable_and_finished_later_on_postgres() {
    survives(Some(&test_postgres::database())).await;
}
