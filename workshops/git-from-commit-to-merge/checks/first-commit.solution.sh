git config --global user.name "Kit Chen"
git config --global user.email kit@example.org
cd recipes
git init -q -b main
git add README.md soup.md
git commit -q -m "Start the recipe collection"
