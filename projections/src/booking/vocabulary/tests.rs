use super::{errors, trigrams};

#[test]
fn a_word_has_three_letters_at_a_time() {
    let letters: Vec<_> = trigrams("rust").into_iter().collect();
    assert_eq!(letters, ["  r", " ru", "rus", "st ", "ust"]);
}

#[test]
fn few_errors_are_forgiven() {
    assert_eq!(errors("dokcer", "docker"), Some(1), "letters change places");
    assert_eq!(errors("docer", "docker"), Some(1), "one is missing");
    assert_eq!(errors("dockeer", "docker"), Some(1), "one is too many");
    assert_eq!(errors("kubrenets", "kubernetes"), Some(2), "a long word");
    assert_eq!(errors("kuberntes", "kubernetes"), Some(1));
    assert_eq!(errors("kubernte", "kubernetes"), Some(1), "the beginning of one");
    assert_eq!(errors("rost", "rust"), Some(1));
    assert_eq!(errors("rsot", "rust"), None);
    assert_eq!(errors("lisbon", "london"), None);
}
