/* The manual page, in the man macros: man(7). */
#include "config/generate.h"
#include "report/report.h"

/* Text as roff shows it literally; control characters at the start of a line are disarmed. */
static void put(Buf *out, Str text) {
    bool at_start = out->n == 0 || out->p[out->n - 1] == '\n';
    for (u32 i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (at_start && (c == '.' || c == '\'')) buf_text(out, "\\&");
        at_start = c == '\n';
        if (c == '\\')
            buf_text(out, "\\e");
        else if (c == '-')
            buf_text(out, "\\-");
        else if (c == '\'')
            buf_text(out, "\\(aq");
        else if (c == '`')
            buf_text(out, "\\(ga");
        else
            buf_char(out, c);
    }
}

static void put_choices(const OptionRow *row, Buf *out) {
    for (u32 i = 0; row->choices && row->choices[i]; i++) {
        buf_text(out, i ? ", " : ": ");
        put(out, str_from(row->choices[i]));
    }
    const ReportFormat *first = report_formats();
    for (const ReportFormat *f = first; row->kind == OPTION_FORMAT && f->name; f++) {
        buf_text(out, f == first ? ": " : ", ");
        put(out, str_from(f->name));
    }
}

static void put_option(const OptionRow *row, Buf *out) {
    buf_text(out, ".TP\n");
    if (row->letter) buf_printf(out, "\\fB\\-%c\\fR, ", row->letter);
    buf_text(out, "\\fB\\-\\-");
    put(out, str_from(row->name));
    buf_text(out, "\\fR");
    if (row->argument) {
        buf_text(out, row->kind == OPTION_ATTACHED ? "[=\\fI" : " \\fI");
        put(out, str_from(row->argument));
        buf_text(out, row->kind == OPTION_ATTACHED ? "\\fR]" : "\\fR");
    }
    buf_char(out, '\n');
    put(out, str_from(row->help));
    put_choices(row, out);
    buf_text(out, ".\n");
}

static void put_literal(const char *text, Buf *out) {
    buf_text(out, ".PP\n.nf\n");
    put(out, str_from(text));
    buf_text(out, ".fi\n");
}

static void put_command(Command command, Buf *out) {
    const CommandRow *row = command_row(command);
    u32 n;
    const OptionRow *rows = options_all(&n);
    buf_text(out, ".SS ");
    put(out, str_from(row->usage));
    buf_char(out, '\n');
    put(out, str_from(row->summary));
    buf_text(out, ".\n");
    if (row->notes) put_literal(row->notes, out);
    for (u32 i = 0; i < n; i++) {
        /* what every command has is said once */
        bool is_common = rows[i].commands == ON_ALL;
        if (rows[i].commands & 1u << command && (!is_common || command == COMMAND_CHECK))
            put_option(&rows[i], out);
    }
}

static void put_keys(Buf *out) {
    u32 n;
    const OptionRow *rows = options_all(&n);
    buf_text(out, ".SH CONFIGURATION\n");
    put(out,
        STR("limpet.toml, .limpet.toml, or the table [tool.limpet] of pyproject.toml: the nearest "
            "one in the directory of what is read or above it. Keys are the names of options; "
            "these stand in files alone:"));
    buf_char(out, '\n');
    for (u32 i = 0; i < n; i++) {
        if (rows[i].commands || rows[i].key == NO_KEY) continue;
        buf_text(out, ".TP\n\\fB");
        put(out, option_key(&rows[i]));
        buf_text(out, "\\fR\n");
        put(out, str_from(rows[i].help));
        put_choices(&rows[i], out);
        buf_text(out, ".\n");
    }
}

void generate_man(Buf *out) {
    buf_text(out, ".TH LIMPET 1 \"\" \"limpet " LIMPET_VERSION "\" \"User Commands\"\n.SH NAME\n"
                  "limpet \\- find what keeps Python objects alive too long\n.SH SYNOPSIS\n.nf\n");
    for (u32 i = 0; i < COMMAND_COUNT; i++) {
        put(out, str_from(command_row((Command)i)->usage));
        buf_char(out, '\n');
    }
    buf_text(out, ".fi\n.SH DESCRIPTION\n");
    put(out, STR("limpet reads Python programs, links their modules, and reports who holds objects "
                 "that nothing lets go of: each finding is the path from a holder that lives on to "
                 "the object, with a fix and a check to make at run time. It runs nothing of the "
                 "project.\n"));
    buf_text(out, ".SH COMMANDS AND OPTIONS\n");
    for (u32 i = 0; i < COMMAND_COUNT; i++) put_command((Command)i, out);
    put_keys(out);
    buf_text(
        out,
        ".SH EXIT STATUS\n.TP\n0\nNo finding.\n.TP\n1\nFindings.\n.TP\n2\n"
        "Bad usage or configuration, a path that cannot be read, or an internal failure.\n"
        ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR, \\fBFORCE_COLOR\\fR, "
        "\\fBCLICOLOR_FORCE\\fR\nColours of the output.\n.TP\n"
        "\\fBLIMPET_CACHE_DIR\\fR\nThe directory of the cache, without \\fB\\-\\-cache\\-dir\\fR.\n"
        ".TP\n\\fBLIMPET_NO_CACHE\\fR\nAs \\fB\\-\\-no\\-cache\\fR.\n.TP\n"
        "\\fBPRE_COMMIT_FROM_REF\\fR, \\fBPRE_COMMIT_TO_REF\\fR\n"
        "Revisions that \\fB\\-\\-hook\\fR compares.\n.SH FILES\n.TP\n"
        "\\fI.limpet\\-baseline.json\\fR\nThe baseline.\n.TP\n"
        "\\fI.limpet_cache\\fR\nThe cache: \\fBlimpet clean\\fR removes it.\n.TP\n"
        "\\fI.gitignore\\fR, \\fI.ignore\\fR\nWhat is not read.\n");
}
