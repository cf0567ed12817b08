cd recipes
git switch -q main
echo "- 1 raw herring" >> soup.md
git commit -q -a -m "Add herring"
git revert --no-edit HEAD > /dev/null
