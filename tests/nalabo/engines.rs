//! What keeps the journal, and which tests run on what.

/// What keeps the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Files in the data directory.
    Sqlite,
    /// A database of its own on the tests' server.
    Postgres,
}

/// Makes tests of functions that take an engine: one in the module `sqlite`, one in the module `postgres`.
macro_rules! on_each_engine {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::engines::Engine::Sqlite).await;
                }
            )+
        }
        mod postgres {
            $crate::engines::on_postgres! { $($name($crate::engines::Engine::Postgres)),+ }
        }
    };
}

/// Makes tests that need PostgreSQL of functions of the module around.
macro_rules! on_postgres {
    ($($name:ident($($engine:expr)?)),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($($engine)?).await;
            }
        )+
    };
}

pub(crate) use {on_each_engine, on_postgres};
