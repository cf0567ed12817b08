repository="$HOME/recipes"
if [ -e "$repository/.git/MERGE_HEAD" ]; then
    echo "The merge is not finished: git add soup.md, then git commit --no-edit."
    exit 1
fi
if [ -z "$(learner git -C "$repository" rev-list --merges main 2> /dev/null)" ]; then
    echo "There is no merge on main yet. Switch to main and run: git merge spicy"
    exit 1
fi
if ! learner git -C "$repository" merge-base --is-ancestor spicy main; then
    echo "main does not contain the branch spicy yet."
    exit 1
fi
soup=$(learner git -C "$repository" show main:soup.md)
if grep -qE '^(<<<<<<<|=======|>>>>>>>)' <<< "$soup"; then
    echo "Conflict markers were committed. Remove them from soup.md and commit again."
    exit 1
fi
if ! grep -qx 'Season: basil and chili' <<< "$soup"; then
    echo "soup.md on main should have the line 'Season: basil and chili'."
    exit 1
fi
echo "Both ideas are in the soup."
