//! Files of accounts: what is fetched and put by REST.

mod exports;
