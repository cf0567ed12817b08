repository="$HOME/recipes"
soup() { learner git -C "$repository" show "$1:soup.md" 2> /dev/null; }
if ! learner git -C "$repository" rev-parse --quiet --verify spicy > /dev/null 2>&1; then
    echo "There is no branch spicy yet. Make it with: git switch -c spicy"
    exit 1
fi
if ! soup spicy | grep -qx 'Season: chili'; then
    echo "On the branch spicy, soup.md has no line 'Season: chili' yet. Did you commit the change?"
    exit 1
fi
if soup main | grep -qx 'Season: chili'; then
    echo "The change is on main as well. It should be on spicy alone."
    exit 1
fi
echo "spicy is hot, and main is still mild."
