#!/bin/sh
# Makes dist/limpet-VERSION.tar.gz: the committed tree plus the third-party sources that npm brings, so
# that `make` needs a compiler and Debian's libxxhash-dev, libutf8proc-dev and libjansson-dev only. The
# same commit gives the same bytes.
#
#     packaging/dist.sh VERSION VENDOR-FOLDER
set -eu

name=limpet-$1
vendor=$2
toml=@tree-sitter-grammars/tree-sitter-toml
{ [ -f "$vendor/tree-sitter-python/src/parser.c" ] && [ -f "$vendor/$toml/src/parser.c" ]; } || {
    # shellcheck disable=SC2016 # backquotes for the reader
    echo 'limpet: the sources of tree-sitter are missing: run `make deps`' >&2
    exit 1
}

rm -rf "dist/$name"
mkdir -p "dist/$name"
git archive HEAD | tar -x -C "dist/$name"
for part in tree-sitter/package.json tree-sitter/LICENSE tree-sitter/vendor/tree-sitter/lib/src \
    tree-sitter/vendor/tree-sitter/lib/include tree-sitter-python/package.json \
    tree-sitter-python/LICENSE tree-sitter-python/src \
    "$toml/package.json" "$toml/LICENSE" "$toml/src"; do
    [ -e "$vendor/$part" ] || continue
    mkdir -p "dist/$name/third_party/$(dirname "$part")"
    cp -R "$vendor/$part" "dist/$name/third_party/$part"
done
rm -f "dist/$name/third_party/tree-sitter-python/src/grammar.json" \
    "dist/$name/third_party/tree-sitter-python/src/node-types.json" \
    "dist/$name/third_party/$toml/src/grammar.json" "dist/$name/third_party/$toml/src/node-types.json"
tar --sort=name --owner=0 --group=0 --numeric-owner --mode=go+u,go-w \
    --mtime="@$(git log -1 --format=%ct)" -C dist -cf - "$name" | gzip -9n > "dist/$name.tar.gz"
rm -rf "dist/$name"
echo "dist/$name.tar.gz"
echo "It builds with make, gcc or clang, and Debian's libxxhash-dev, libutf8proc-dev and libjansson-dev; npm is not needed."
