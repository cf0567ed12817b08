find project -name '*.tmp' -delete
