# Writes files into the home. For each, standard input holds a line "SIZE MODE PATH" and SIZE bytes.
# Links the learner made are not followed: they could lead out of the home.
umask 022
cd || exit
while IFS=' ' read -r size mode path; do
  folder=
  IFS=/ read -ra parts <<<"$path"
  for part in "${parts[@]:0:${#parts[@]}-1}"; do
    folder+=$part/
    if [[ -L ${folder%/} ]]; then
      echo "refused: ${folder%/} is a link" >&2
      exit 3
    fi
    [[ -d $folder ]] || mkdir -- "$folder" || exit
  done
  new=$(mktemp -- "./${folder}.new.XXXXXX") || exit
  head -c "$size" >"$new" && chmod "$mode" -- "$new" && mv -fT -- "$new" "./$path" || { rm -f -- "$new"; exit 1; }
done
