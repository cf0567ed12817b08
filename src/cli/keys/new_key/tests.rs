use super::*;

#[test]
fn a_key_is_made_once_for_the_user_whose_the_data_directory_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("new.key"));
    std::fs::create_dir(&data).expect("made");
    // Root may give it to somebody else; for others the file is theirs as well.
    let _ = chown(&data, Some(65_534), Some(65_534));
    let made = find_or_make(&data, &file).expect("made").id();
    let owner = |path: &Path| std::fs::metadata(path).expect("it is there").uid();
    assert_eq!(owner(&file), owner(&data));
    assert_eq!(find_or_make(&data, &file).expect("found").id(), made);
    find_or_make(&folder.path().join("nowhere"), &folder.path().join("other.key")).expect("there is nobody to make it for");
}

#[test]
fn a_key_that_the_server_could_not_read_is_not_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("new.key");
    // It is root's: root may make a key for it, and nobody else may.
    let made = find_or_make(Path::new("/"), &file);
    assert_eq!(made.is_ok(), file.exists());
}

#[test]
fn a_file_that_was_changed_meanwhile_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("new.key");
    let id = find_or_make(folder.path(), &file).expect("made").id();
    check(&file, &id).expect("it has the key");
    std::fs::write(&file, [7; 32]).expect("written");
    let refused = check(&file, &id).expect_err("another key").to_string();
    assert!(refused.ends_with("any more; nothing was replaced"), "{refused}");
}
