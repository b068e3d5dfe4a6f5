#!/bin/sh
# Makes Debian packages of the committed tree: the release archive, unpacked in dist/deb, with
# packaging/debian where dpkg looks for it. Needs dpkg-dev and debhelper, and what limpet builds with.
#
#     packaging/deb.sh VERSION VENDOR-FOLDER
set -eu

for command in dpkg-buildpackage dh; do
    command -v "$command" > /dev/null 2>&1 || {
        echo "limpet: '$command' is missing: install dpkg-dev and debhelper" >&2
        exit 1
    }
done
packaging/dist.sh "$1" "$2" > /dev/null
rm -rf dist/deb
mkdir -p dist/deb
tar -xzf "dist/limpet-$1.tar.gz" -C dist/deb
cp -R packaging/debian "dist/deb/limpet-$1/debian"
(cd "dist/deb/limpet-$1" && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage --build=binary --unsigned-source --unsigned-changes)
mv dist/deb/*.deb dist/
rm -rf dist/deb
ls dist/*.deb
