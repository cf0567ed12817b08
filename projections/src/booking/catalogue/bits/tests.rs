use super::Bits;

fn bits(places: &[usize]) -> Bits {
    let mut bits = Bits::default();
    for place in places {
        bits.insert(*place);
    }
    bits
}

fn places(bits: &Bits) -> Vec<usize> {
    bits.places().collect()
}

#[test]
fn a_set_has_what_was_put_into_it() {
    let set = bits(&[200, 0, 63, 64]);
    assert_eq!(places(&set), [0, 63, 64, 200]);
    assert!(set.contains(63) && !set.contains(62) && !set.contains(10_000));
    assert_eq!((set.weight(), set.is_empty(), bits(&[]).is_empty()), (32, false, true));
}

#[test]
fn sets_of_different_lengths_meet() {
    let (short, long) = (bits(&[1, 2]), bits(&[2, 300]));
    let (mut both, mut either) = (short.clone(), short.clone());
    both.and(&long);
    either.or(&long);
    assert_eq!((places(&both), places(&either)), (vec![2], vec![1, 2, 300]));
    let mut both = long;
    both.and(&short);
    assert_eq!(places(&both), [2]);
    both.and(&Bits::default());
    assert!(both.is_empty());
}
