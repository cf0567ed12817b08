//! How the API faces the network.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::{documents::Documents, rates::Rates, sockets::Sockets};

/// How the API faces the network.
#[derive(Clone, Debug)]
pub struct Options {
    /// Serves `GraphiQL`, introspection and suggestions, which tell strangers more than they need.
    pub development: bool,
    /// Origins that may open web sockets besides the host's own, such as `https://app.example.org`.
    pub origins: Vec<String>,
    pub limits: Limits,
    /// How often one caller may ask.
    pub rates: Arc<Rates>,
    /// How many web sockets one caller has open.
    pub sockets: Arc<Sockets>,
    /// Which documents are executed.
    pub documents: Arc<Documents>,
    /// Turns true when the process is to end: sockets are closed then.
    pub shutdown: watch::Receiver<bool>,
}

impl Options {
    /// For production, with the default limits; any document is executed, as often as it is asked for, on any number of
    /// web sockets.
    #[must_use]
    pub fn new(shutdown: watch::Receiver<bool>) -> Self {
        Self {
            development: false,
            origins: Vec::new(),
            limits: Limits::default(),
            rates: Arc::default(),
            sockets: Arc::default(),
            documents: Arc::default(),
            shutdown,
        }
    }
}

/// How much one caller may ask for at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Fields within fields.
    pub depth: usize,
    /// Fields, those in lists counted `first` times.
    pub complexity: usize,
    /// Aliases in a document.
    pub aliases: usize,
    /// Lexical tokens in a document.
    pub tokens: usize,
    /// Directives in a document.
    pub directives: usize,
    /// Brackets within brackets in a document: what keeps the parser's stack from overflowing. What executes documents refuses more than
    /// 33 by itself: fewer are refused here, before anything is parsed.
    pub nesting: usize,
    /// Bytes of a request's body.
    pub body: usize,
    /// How long a request's body may take to arrive.
    pub arrival: Duration,
    /// Bytes of a web socket message.
    pub message: usize,
    /// Operations at once on one web socket.
    pub operations: usize,
    /// How long a web socket may stay without having said who it is.
    pub init: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 10,
            complexity: 1000,
            aliases: 15,
            tokens: 1000,
            directives: 10,
            nesting: 32,
            body: 256 << 10,
            arrival: Duration::from_secs(10),
            message: 64 << 10,
            operations: 20,
            init: Duration::from_secs(3),
        }
    }
}
