/* Finding a rule by what a user typed. The table itself is made by collect.awk. */
#include "rule/rule.h"

#include "base/near.h"

#include <string.h>

const RuleEntry *rules_find(Str code_or_name) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++)
        if (near_equal(code_or_name, str_from(all[i].rule->code)) ||
            near_equal(code_or_name, str_from(all[i].rule->name)))
            return &all[i];
    return NULL;
}

Str rules_nearest(Str word) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    Str best = {0};
    for (u32 i = 0; i < n; i++) {
        Str code = str_from(all[i].rule->code);
        if (str_eq(word, str_sub(code, (u32)strlen("LMP"), code.n))) return code;
    }
    for (u32 i = 0; i < n; i++) {
        near_keep(word, str_from(all[i].rule->code), &best);
        near_keep(word, str_from(all[i].rule->name), &best);
    }
    return best;
}

bool rule_code_matches(const char *code, Str prefix) {
    if (near_equal(prefix, STR("ALL"))) return true;
    return prefix.n && near_equal(str_sub(str_from(code), 0, prefix.n), prefix);
}
