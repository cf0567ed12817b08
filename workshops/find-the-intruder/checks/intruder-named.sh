if [ ! -f "$HOME/intruder.txt" ]; then
    echo "There is no intruder.txt yet. Write ADDRESS ACCOUNT into it."
    exit 1
fi
read -r address account _ < "$HOME/intruder.txt"
case "$address" in
    203.0.113.77) ;;
    198.51.100.23 | 192.0.2.140)
        echo "$address failed often, but never got in: there is no line with Accepted and this address."
        exit 1
        ;;
    192.0.2.*)
        echo "$address got in after one or two failures. That looks like a typing error, not like an attack."
        exit 1
        ;;
    *)
        echo "intruder.txt should begin with an address that failed at least five times and then got in."
        exit 1
        ;;
esac
if [ "$account" != backup ]; then
    echo "The address is right. Which account did it get into? Look at its line with Accepted."
    exit 1
fi
echo "203.0.113.77 guessed the password of the account backup, slowly enough not to be noticed."
