mkdir -p archive/2026
mv inbox/invoice-*.txt archive/2026/
