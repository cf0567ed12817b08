repository="$HOME/recipes"
if [ ! -d "$repository/.git" ]; then
    echo "~/recipes is not a repository yet. Run: cd ~/recipes && git init -b main"
    exit 1
fi
if ! learner git -C "$repository" rev-parse --quiet --verify main > /dev/null 2>&1; then
    echo "There is no commit on the branch main yet."
    exit 1
fi
tracked=$(learner git -C "$repository" ls-tree -r --name-only main)
for file in README.md soup.md; do
    if ! grep -qxF "$file" <<< "$tracked"; then
        echo "$file is not in the last commit on main. Add it and commit again."
        exit 1
    fi
done
if [ -n "$(learner git -C "$repository" status --porcelain)" ]; then
    echo "There are changes that are not committed. git status lists them."
    exit 1
fi
echo "Both files are safe in the history."
