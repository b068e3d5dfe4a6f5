/* A rule as a person reads it: everything is printed from its documentation and metadata. */
#include "rule/rule.h"

static const char *on_or_off(const Rule *rule) {
    return rule->flags & RULE_OPT_IN ? "off" : rule->flags & RULE_PLAIN_OPT_IN ? "grave" : "on";
}

void rule_page(const RuleEntry *entry, Buf *out) {
    const Rule *rule = entry->rule;
    buf_printf(out, "# %s %s\n\n%s\n\n", rule->code, rule->name, rule->summary);
    buf_printf(out, "- effect: %s\n", rule->effects);
    buf_printf(out, "- severity: %s\n", severity_text(rule->severity));
    buf_printf(out, "- confidence: %s\n", confidence_text(rule->confidence));
    buf_printf(out, "- by default: %s%s\n", on_or_off(rule),
               rule->flags & RULE_PLAIN_OPT_IN ? " findings only; select it by code for the others"
                                               : "");
    buf_printf(out, "- since: %s\n\n", rule->since);
    buf_text(out, entry->doc);
}

/* GitHub's anchor of "# LMP201 global-container-grows" is its text in lower case with hyphens. */
void rules_index(Buf *out) {
    static const char *const families[] = {
        ['1'] = "Cycles, exceptions and finalizers",
        ['2'] = "Holders that grow",
        ['3'] = "How objects are made",
        ['4'] = "Threads, processes and tasks",
        ['5'] = "Resources",
        ['6'] = "C extensions: references",
        ['7'] = "C extensions: collection and deallocation",
        ['8'] = "C extensions: the interpreter lock",
        ['9'] = "Files and comments",
    };
    u32 n;
    const RuleEntry *all = rules_all(&n);
    char family = 0;
    buf_text(out, "# Rules of limpet " LIMPET_VERSION "\n");
    for (u32 i = 0; i < n; i++) {
        const Rule *rule = all[i].rule;
        char digit = rule->code[3];
        const char *title = (u8)digit < ARRAY_LEN(families) ? families[(u8)digit] : NULL;
        if (digit != family) buf_printf(out, "\n## LMP%c: %s\n\n", digit, title ? title : "Others");
        family = digit;
        Str code = str_from(rule->code);
        buf_printf(out, "- [%s %s](#lmp%.*s-%s): %s\n", rule->code, rule->name,
                   STR_ARG(str_sub(code, 3, code.n)), rule->name, rule->summary);
    }
}

void rules_list(Buf *out) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    u32 name = 0, effects = 0;
    for (u32 i = 0; i < n; i++) {
        name = MAX(name, str_from(all[i].rule->name).n);
        effects = MAX(effects, str_from(all[i].rule->effects).n);
    }
    for (u32 i = 0; i < n; i++) {
        const Rule *rule = all[i].rule;
        buf_printf(out, "%s  %-*s  %-*s  %-5s  %s\n", rule->code, (int)name, rule->name,
                   (int)effects, rule->effects, on_or_off(rule), rule->summary);
    }
}
