cd recipes
git switch -q -c spicy
sed -i 's/^Season: mild$/Season: chili/' soup.md
git commit -q -a -m "Make the soup spicy"
