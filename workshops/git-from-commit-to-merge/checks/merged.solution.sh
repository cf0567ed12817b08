cd recipes
git switch -q main
sed -i 's/^Season: mild$/Season: basil/' soup.md
git commit -q -a -m "Season with basil"
git merge -q spicy || true
sed -i -e '/^<<<<<<< /d' -e '/^=======$/d' -e '/^>>>>>>> /d' -e '/^Season: chili$/d' -e 's/^Season: basil$/Season: basil and chili/' soup.md
git add soup.md
git commit -q --no-edit
