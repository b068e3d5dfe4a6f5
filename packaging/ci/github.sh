#!/bin/sh
# What action.yml runs when limpet is built and on the PATH. The environment says what is wanted:
#
#     LIMPET_PATHS      files and directories, one a line; the working directory when empty
#     LIMPET_ARGUMENTS  arguments of `limpet check`, one a line
#     LIMPET_SARIF      file for SARIF, or empty; its name becomes the output `sarif`
#
# Findings go to the log as annotations, and to $GITHUB_STEP_SUMMARY as a table. Exit status: limpet's.
set -eu

newline='
'
sarif=${LIMPET_SARIF:-}
case $sarif in
*,* | *"$newline"*)
    echo '::error title=limpet::The name of the SARIF file may hold no comma and no line end'
    exit 2
    ;;
esac

list=$(mktemp)
trap 'rm -f "$list"' EXIT
{
    printf '%s\n' "${LIMPET_ARGUMENTS:-}"
    echo --
    [ -z "${LIMPET_PATHS:-}" ] || printf '%s\n' "$LIMPET_PATHS"
} > "$list"

status=0
limpet check --output-format "github${sarif:+,sarif=$sarif}" "@$list" || status=$?
if [ -n "$sarif" ] && [ -f "$sarif" ]; then
    printf 'sarif=%s\n' "$sarif" >> "${GITHUB_OUTPUT:-/dev/null}"
fi
exit "$status"
