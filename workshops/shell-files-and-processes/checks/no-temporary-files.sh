for name in main.txt build/report.txt notes/ideas.txt; do
    if [ ! -s "$HOME/project/$name" ]; then
        echo "project/$name is missing. Only files that end in .tmp should have gone."
        exit 1
    fi
done
left=$(find "$HOME/project" -name '*.tmp' | wc -l)
if [ "$left" -ne 0 ]; then
    echo "There are still $left files that end in .tmp below project."
    exit 1
fi
echo "The leftovers are gone, and your work is still there."
