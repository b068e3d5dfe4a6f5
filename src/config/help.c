/* The help text of commands. */
#include "config/table.h"
#include "report/report.h"

#include <string.h>

enum { HELP_INDENT = 32, HELP_WIDTH = 96 };

/* Words of `text`, which begins in column `indent`. */
static void wrap(Buf *out, const char *text, u32 indent) {
    u32 column = indent;
    for (const char *word = text; *word;) {
        u32 n = (u32)strcspn(word, " ");
        if (column > indent && column + 1 + n > HELP_WIDTH) {
            buf_char(out, '\n');
            buf_repeat(out, ' ', indent);
            column = indent;
        }
        if (column > indent) buf_char(out, ' '), column++;
        buf_str(out, (Str){word, n});
        column += n;
        word += n + (word[n] == ' ');
    }
    buf_char(out, '\n');
}

void help_paragraph(const char *text, u32 indent, Buf *out) {
    buf_repeat(out, ' ', indent);
    wrap(out, text, indent);
}

static void help_option(const OptionRow *row, Buf *out) {
    u32 start = out->n;
    if (row->letter)
        buf_printf(out, "  -%c, --%s", row->letter, row->name);
    else
        buf_printf(out, "      --%s", row->name);
    if (row->kind == OPTION_ATTACHED)
        buf_printf(out, "[=%s]", row->argument);
    else if (row->argument)
        buf_printf(out, " %s", row->argument);
    u32 used = out->n - start;
    if (used + 2 > HELP_INDENT) {
        buf_char(out, '\n');
        used = 0;
    }
    buf_repeat(out, ' ', HELP_INDENT - used);
    Buf text = {.arena = out->arena};
    buf_text(&text, row->help);
    if (row->choices) {
        buf_text(&text, ":");
        for (u32 i = 0; row->choices[i]; i++)
            buf_printf(&text, "%s %s", i ? "," : "", row->choices[i]);
    }
    if (row->kind == OPTION_FORMAT) {
        buf_text(&text, " (default: full):");
        for (const ReportFormat *format = report_formats(); format->name; format++)
            buf_printf(&text, "%s %s", format == report_formats() ? "" : ",", format->name);
    }
    buf_char(&text, 0);
    wrap(out, text.p, HELP_INDENT);
}

void options_help(Command command, bool overview, Buf *out) {
    buf_printf(out, "%s\n\nUsage: %s\n", command_row(command)->summary,
               command_row(command)->usage);
    if (overview) {
        buf_text(out, "\nCommands:\n");
        for (u32 i = 0; i < COMMAND_COUNT; i++)
            buf_printf(out, "  %-9s %s\n", command_row((Command)i)->name,
                       command_row((Command)i)->summary);
        buf_text(out, "'limpet help COMMAND' explains a command.\n");
    }
    buf_text(out, "\nOptions:\n");
    u32 n_rows;
    const OptionRow *rows = options_all(&n_rows);
    for (u32 i = 0; i < n_rows; i++)
        if (rows[i].commands & 1u << command) help_option(&rows[i], out);
    if (command_row(command)->notes) buf_printf(out, "\n%s", command_row(command)->notes);
}
