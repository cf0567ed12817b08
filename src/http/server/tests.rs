use std::fs;

use super::*;

/// In which states the connections are that this system has from a port: `01` where it is open; and which timer runs for each, in how many
/// hundredths of a second: `02` is the one for silence.
fn timers(port: u16) -> Vec<(String, String, u64)> {
    let table = fs::read_to_string("/proc/net/tcp").expect("the table of connections");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let ours = rows.filter(|row| row[1].ends_with(&format!(":{port:04X}")));
    ours.map(|row| {
        let (kind, left) = row[5].split_once(':').expect("a timer");
        (row[3].to_owned(), kind.to_owned(), u64::from_str_radix(left, 16).expect("a number"))
    })
    .collect()
}

#[tokio::test]
async fn who_is_silent_for_a_minute_is_asked_whether_they_are_still_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let places = Places::new(1);
    let (_client, accepted) = tokio::join!(TcpStream::connect(address), places.accept(&listener));
    let open: Vec<_> = timers(address.port()).into_iter().filter(|(state, ..)| state == "01").collect();
    let [(_, kind, left)] = &open[..] else { panic!("one connection: {open:?}") };
    assert_eq!(kind, "02", "{open:?}");
    assert!((1..=6000).contains(left), "{left}");
    drop(accepted);
}
