repository="$HOME/recipes"
subjects=$(learner git -C "$repository" log --format=%s main 2> /dev/null)
if ! grep -qx 'Add herring' <<< "$subjects"; then
    echo "The commit 'Add herring' is not in the history of main. Make it first, and do not remove it: others may have it."
    exit 1
fi
if learner git -C "$repository" show main:soup.md | grep -q herring; then
    echo "There is still herring in the soup on main. Revert the commit that added it."
    exit 1
fi
if ! grep -qxF 'Revert "Add herring"' <<< "$subjects"; then
    echo "The herring is gone, but no commit says that it was reverted. Use git revert, so that everybody can see what happened."
    exit 1
fi
echo "The herring came and went, and the history tells it."
