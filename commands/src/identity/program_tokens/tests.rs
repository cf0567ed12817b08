use super::*;

#[test]
fn a_token_is_of_the_kind_that_it_was_made_as_and_of_no_other() {
    for kind in Kind::ALL {
        let (one, other) = (kind.random(), kind.random());
        assert_eq!(Kind::of(one.expose_secret()), Some(kind));
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_eq!(one.expose_secret().len(), kind.prefix().len() + 43, "256 bits");
    }
    for unknown in ["", "nlb_", "nlb_exp_AAAA", "NLB_PAT_AAAA", " nlb_pat_AAAA"] {
        assert_eq!(Kind::of(unknown), None, "{unknown}");
    }
}
