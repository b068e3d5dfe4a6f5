/* Versions of Python. */
#include "rule/rule.h"

static const char *const TEXTS[PYTHON_VERSIONS + 1] = {"2.7",  "3.3",  "3.4",  "3.5",  "3.6",
                                                       "3.7",  "3.8",  "3.9",  "3.10", "3.11",
                                                       "3.12", "3.13", "3.14", "3.15", "?"};

u32 targets_supported(void) {
    return (1u << (PYTHON_3_14 + 1)) - (1u << PYTHON_3_8);
}

PythonVersion version_find(Str text) {
    u32 v = 0;
    while (v < PYTHON_VERSIONS && !str_is(text, TEXTS[v])) v++;
    return (PythonVersion)v;
}

const char *version_text(PythonVersion version) {
    return TEXTS[MIN(version, PYTHON_VERSIONS)];
}

u32 rule_targets(const RuleContext *c, u32 file) {
    if (c->targets) return c->targets;
    bool is_python2 = graph_facts(c->graph, file)->flags & FACTS_PYTHON2;
    return is_python2 ? 1u << PYTHON_2_7 : targets_supported();
}
