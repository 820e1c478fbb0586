#!/bin/sh
# Fonts that are only rendered, never shipped: fetch_fonts.sh NPM_FONT_DIR (as root, Debian bookworm; npm for the last few).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
apt-get install -y --no-install-recommends libraqm0 libfribidi0 $(cat "$here/fonts.debian.txt")
mkdir -p "$1"
cd "$1"
for name in unifrakturmaguntia unifrakturcook pirata-one grenze-gotisch fruktur germania-one metal-mania new-rocker gulzar \
    noto-sans-syriac-western sarabun kanit mukta hind hind-siliguri hind-madurai hind-vadodara hind-guntur mukta-mahee heebo \
    frank-ruhl-libre vazirmatn baloo-tamma-2 baloo-chettan-2 abhaya-libre battambang; do
    npm pack --silent "@fontsource/$name@5.3.0"
done
for archive in *.tgz; do
    mkdir -p "${archive%.tgz}"
    tar xzf "$archive" -C "${archive%.tgz}"
done
# Of the families taken for another script, not their Latin.
find . -name '*latin*' ! -path '*frak*' ! -path '*pirata*' ! -path '*grenze*' ! -path '*fruktur*' ! -path '*germania*' ! -path '*metal*' \
    ! -path '*rocker*' -delete
