/* Which rules run: the words of --select and --ignore, weighed by how specific they are. */
#include "rule/rule.h"

#include "base/near.h"

/* Weights of a word: 0 for ALL, else the number of letters of the prefix that it is; a name counts
 * as the whole code. */
enum { WEIGHT_ALL = 0, WEIGHT_CODE = 6 };

/* True when the word speaks of the rule, and how specifically. */
static bool is_meant(const Rule *rule, Str word, u32 *weight) {
    if (near_equal(word, str_from(rule->name))) {
        *weight = WEIGHT_CODE;
        return true;
    }
    *weight = near_equal(word, STR("ALL")) ? WEIGHT_ALL : word.n;
    return rule_code_matches(rule->code, word);
}

/* The weight of the most specific word that speaks of the rule, or -1. Prefixes do not speak of
 * rules with one of the `opt_in` flags. */
static int heaviest(const Rule *rule, RuleWords words, u32 opt_in) {
    int best = -1;
    for (u32 i = 0; i < words.n; i++) {
        u32 weight;
        if (!is_meant(rule, words.v[i], &weight)) continue;
        bool hint = weight != WEIGHT_ALL && weight < WEIGHT_CODE;
        if (hint && (rule->flags & opt_in)) continue;
        best = MAX(best, (int)weight);
    }
    return best;
}

bool rules_know(Str word) {
    u32 n, weight;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++)
        if (is_meant(all[i].rule, word, &weight)) return true;
    return false;
}

void rules_mean(RuleWords words, bool *meant) {
    u32 n, weight;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++)
        for (u32 k = 0; k < words.n; k++) meant[i] |= is_meant(all[i].rule, words.v[k], &weight);
}

static Str first_unknown(RuleWords words) {
    for (u32 i = 0; i < words.n; i++)
        if (!rules_know(words.v[i])) return words.v[i];
    return (Str){0};
}

static Str find_unknown(RuleWords select, RuleWords extend, RuleWords ignore) {
    const RuleWords lists[] = {select, extend, ignore};
    for (u32 i = 0; i < ARRAY_LEN(lists); i++) {
        Str unknown = first_unknown(lists[i]);
        if (unknown.n) return unknown;
    }
    return (Str){0};
}

Str rules_select(RuleWords select, RuleWords extend, RuleWords ignore, bool *enabled,
                 bool *chosen) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++) {
        const Rule *rule = all[i].rule;
        /* without --select every rule that is not opt-in is selected in the least specific way */
        int wanted = select.n                      ? heaviest(rule, select, RULE_OPT_IN)
                     : (rule->flags & RULE_OPT_IN) ? -1
                                                   : WEIGHT_ALL;
        wanted = MAX(wanted, heaviest(rule, extend, RULE_OPT_IN));
        enabled[i] = wanted > heaviest(rule, ignore, 0);
        const u32 any = RULE_OPT_IN | RULE_PLAIN_OPT_IN;
        chosen[i] = heaviest(rule, select, any) >= 0 || heaviest(rule, extend, any) >= 0;
    }
    return find_unknown(select, extend, ignore);
}

Str rules_select_over(RuleWords select, RuleWords extend, RuleWords ignore, bool *enabled,
                      bool *chosen) {
    if (select.n) return rules_select(select, extend, ignore, enabled, chosen);
    u32 n;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++) {
        const Rule *rule = all[i].rule;
        int more = heaviest(rule, extend, RULE_OPT_IN), less = heaviest(rule, ignore, 0);
        if (more >= 0 || less >= 0) enabled[i] = more > less;
        chosen[i] |= heaviest(rule, extend, RULE_OPT_IN | RULE_PLAIN_OPT_IN) >= 0;
    }
    return find_unknown(select, extend, ignore);
}

FileRules rules_of_file(const Selection *selection, u32 file) {
    if (selection->files) return *selection->files[file];
    return (FileRules){selection->enabled, selection->chosen, selection->min_confidence};
}

bool rules_run_on(const Selection *selection, u32 file, Str code) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    FileRules rules = rules_of_file(selection, file);
    for (u32 i = 0; i < n; i++)
        if (str_is(code, all[i].rule->code)) return rules.enabled[i];
    return false;
}
