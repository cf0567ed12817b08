use super::*;

#[test]
fn there_are_ten_of_120_bits_and_none_twice() {
    let (codes, digests) = make();
    assert_eq!((codes.len(), digests.len()), (10, 10));
    for code in &codes {
        assert_eq!(code.expose_secret().split('-').map(str::len).collect::<Vec<_>>(), [4; 6]);
        assert!(digests.contains(&digest(code.expose_secret())));
        assert!(digests.contains(&digest(&code.expose_secret().to_lowercase().replace('-', " "))), "however it is written");
    }
}
