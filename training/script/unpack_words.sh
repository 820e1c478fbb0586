#!/bin/sh
# Word lists out of Tesseract's models: unpack_words.sh TESSDATA_DIR OUT_DIR
# TESSDATA_DIR holds Debian's *.traineddata (tessdata_fast 4.1.0); needs combine_tessdata and dawg2wordlist (tesseract-ocr 5.3.0).
set -eu
tessdata=$1
mkdir -p "$2"
cd "$2"
for model in "$tessdata"/???.traineddata "$tessdata"/???_????.traineddata "$tessdata"/???_???.traineddata \
    "$tessdata"/Canadian_Aboriginal.traineddata; do
    code=$(basename "$model" .traineddata)
    [ -f "$code.txt" ] && continue
    case $code in osd | *_vert) continue ;; esac
    mkdir -p parts
    combine_tessdata -u "$model" "parts/$code." >/dev/null 2>&1
    if [ -f "parts/$code.lstm-word-dawg" ]; then
        dawg2wordlist "parts/$code.lstm-unicharset" "parts/$code.lstm-word-dawg" "$code.txt" >/dev/null 2>&1
    fi
    rm -r parts
done
