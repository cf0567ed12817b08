chmod u+x bin/greet
