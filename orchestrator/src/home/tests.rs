use super::acceptable;

#[test]
fn paths_inside_the_home_are_taken() {
    for path in ["a", "a/b c/d.txt", ".bashrc", "…/ü"] {
        assert!(acceptable(path).is_ok(), "{path}");
    }
}

#[test]
fn paths_that_leave_the_home_or_break_a_line_are_refused() {
    for path in ["", "/etc/passwd", "..", "a/../../b", "a//b", "a/", "./a", "a\nb", " a", &"x".repeat(300)] {
        assert!(acceptable(path).is_err(), "{path:?}");
    }
}
