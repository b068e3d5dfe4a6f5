#!/bin/sh
# Finds what limpet needs and this machine lacks, and installs it from Debian and npm.
#
#     packaging/deps.sh install|check build|test...
#
# `check` only says what is missing (status 1). `install` is silent, and uses no network, when nothing
# is. A piece that is there counts wherever it came from: what is tested is the command, the header or
# the module, not the package. Run from the top of the tree; honours CC and PYTHON.
set -u

CC=${CC:-cc}
PYTHON=${PYTHON:-python3}
mode=$1
shift

say() {
    echo "limpet: $*" >&2
}

has_command() {
    command -v "$1" > /dev/null 2>&1
}

# has_header LINES: do these lines of C get through the preprocessor?
has_header() {
    printf '%b' "$1" | $CC -E -x c - > /dev/null 2>&1
}

# Versions wanted by package.json, one "name version" a line: what is compiled, and what tests read.
wanted_sources() {
    for part in dependencies ${with_tests:+devDependencies}; do
        sed -n '/"'$part'"/,/}/s/^ *"\([^"]*\)": "\([0-9][^"]*\)",*$/\1 \2/p' package.json
    done
}

# npm writes .package-lock.json last: an interrupted installation is not taken for a whole one.
has_sources() {
    [ -d third_party ] && return 0
    [ -f node_modules/.package-lock.json ] || return 1
    wanted_sources | while read -r name version; do
        grep -q "^ *\"version\": \"$version\"" "node_modules/$name/package.json" 2> /dev/null || exit 1
    done
}

# has_clang: the headers of libclang, where Debian puts them or where CLANG_INCLUDE says.
has_clang() {
    for folder in ${CLANG_INCLUDE:-} /usr/lib/llvm-19/include /usr/lib/llvm-2[0-2]/include /usr/lib/llvm-1[78]/include; do
        [ -f "$folder/clang-c/Index.h" ] && return 0
    done
    has_header '#include <clang-c/Index.h>\n'
}

# has_python_h: headers of Python, which the fixtures in C are built with.
has_python_h() {
    for header in /usr/include/python3*/Python.h /usr/local/include/python3*/Python.h; do
        [ -f "$header" ] && return 0
    done
    return 1
}

packages=
with_tests=
need() {
    case " $packages " in
    *" $1 "*) ;;
    *) packages="${packages:+$packages }$1" ;;
    esac
}

# What `make` needs. A compiler that was chosen by name (CC=clang-19) is the user's to install.
find_build() {
    has_command make || need make
    if ! has_command "${CC%% *}"; then
        case $CC in
        cc | gcc) need gcc && need libc6-dev ;;
        *) say "the compiler '$CC' is not installed" && exit 1 ;;
        esac
        # Without a preprocessor the headers cannot be tried; apt passes over what is installed.
        need libxxhash-dev && need libutf8proc-dev && need libjansson-dev
        return
    fi
    has_header '#include <stdio.h>\n#include <pthread.h>\n' || need libc6-dev
    has_header '#include <xxhash.h>\n' || need libxxhash-dev
    has_header '#include <utf8proc.h>\n' || need libutf8proc-dev
    has_header '#include <jansson.h>\n' || need libjansson-dev
    # Without it limpet is built, and does not read C.
    if ! has_clang; then
        if [ "$mode" = install ]; then
            need libclang-19-dev
        else
            say "building without C analysis: the headers of libclang are missing (libclang-19-dev)"
        fi
    fi
}

# What `make check` needs besides.
find_test() {
    with_tests=yes
    has_command xmllint || need libxml2-utils
    has_header '#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <cmocka.h>\n' ||
        need libcmocka-dev
    has_command git || need git
    has_command "$PYTHON" || need python3
    "$PYTHON" -c 'import jsonschema' > /dev/null 2>&1 || need python3-jsonschema
    "$PYTHON" -c 'import yaml' > /dev/null 2>&1 || need python3-yaml
    has_python_h || need python3-dev
}

# Only fetching the sources needs npm, so it is not asked for when they are there.
find_npm() {
    has_sources && return
    has_command npm || { need npm && need ca-certificates; }
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

install_packages() {
    command="apt-get install -qq -y --no-install-recommends $packages"
    if ! has_command apt-get; then
        say "missing, and there is no apt-get to install it with: $packages"
        say "(these are Debian's names; install what your system calls them)"
        exit 1
    fi
    if [ "$(id -u)" != 0 ] && ! has_command sudo; then
        say "missing: $packages"
        say "run this as root, then try again: $command"
        exit 1
    fi
    say "installing from Debian (a minute or two): $packages"
    # An unreachable list of another source need not matter: whether the packages install decides.
    as_root apt-get update -qq || say "some package lists could not be fetched; trying with what is there"
    # shellcheck disable=SC2086 # a list of words
    as_root env DEBIAN_FRONTEND=noninteractive $command > /dev/null ||
        { say "apt-get failed; still missing: $packages" && exit 1; }
}

install_sources() {
    without_tests=
    [ -n "$with_tests" ] || without_tests=--omit=dev
    say "fetching with npm into node_modules: $(wanted_sources | tr '\n' ' ')"
    # shellcheck disable=SC2086 # an option or none
    npm ci --ignore-scripts --no-audit --no-fund ${without_tests} ||
        { say "npm could not fetch the sources (see above); try \`make deps\` again" && exit 1; }
    has_sources || { say "npm ended well, but node_modules lacks a source of package.json" && exit 1; }
}

for set in "$@"; do
    case $set in
    build) find_build ;;
    test) find_test ;;
    *) say "deps.sh: unknown set '$set'" && exit 2 ;;
    esac
done

case $mode in
check)
    [ -z "$packages" ] && exit 0
    say "missing Debian packages: $packages (run \`make deps\`)"
    exit 1
    ;;
install)
    find_npm
    [ -z "$packages" ] || install_packages
    has_sources || install_sources
    ;;
*)
    say "deps.sh: unknown mode '$mode'"
    exit 2
    ;;
esac
