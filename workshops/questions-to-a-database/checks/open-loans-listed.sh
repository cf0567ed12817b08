if [ ! -f "$HOME/open.csv" ]; then
    echo "There is no open.csv yet."
    exit 1
fi
found=$(tr -d '"\r' < "$HOME/open.csv")
expected="Tomas,Dracula
Tomas,Frankenstein
Ravi,Pride and Prejudice"
if [ "$found" = "$expected" ]; then
    echo "Three books are out, and Dracula has been for the longest time."
    exit 0
fi
if [ "$(sort <<< "$found")" = "$(sort <<< "$expected")" ]; then
    echo "The loans are right. Now put the one that is open the longest first: ORDER BY lent"
elif [ -z "$found" ]; then
    echo "open.csv is empty. Did you compare with = NULL instead of IS NULL?"
else
    echo "open.csv should hold three lines of the form reader,title for the loans without a return date."
fi
exit 1
