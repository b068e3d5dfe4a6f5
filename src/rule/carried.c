/* How findings speak of what an expression carries. */
#include "rule/rule.h"

/* The holder, for the retention path. */
Str rule_carried_holder(RuleContext *c, const Carried *r) {
    Str name = r->carry.name;
    switch (r->carry.kind) {
    case CARRY_METHOD:
        return rule_text(c, "bound method %.*s", STR_ARG(name));
    case CARRY_CLOSURE:
        return name.n ? rule_text(c, "function %.*s", STR_ARG(name)) : STR("lambda");
    case CARRY_PARTIAL:
        return name;
    case CARRY_INSTANCE:
        return str_after_last(name, '.');
    default:
        return r->text;
    }
}

/* The end of the message: why the object is held. */
Str rule_carried_reason(RuleContext *c, const Carried *r) {
    const char *role = r->is_callback ? "callback" : "argument";
    Str name = r->carry.name, text = str_ends(r->text, ")") ? name : r->text;
    switch (r->carry.kind) {
    case CARRY_ITSELF:
        return rule_text(c, "'%.*s' is among its arguments", STR_ARG(r->text));
    case CARRY_CLOSURE:
        return name.n ? rule_text(c, "its inner function '%.*s' holds it", STR_ARG(name))
                      : STR("its lambda holds it");
    case CARRY_PARTIAL:
        return rule_text(c, "its '%.*s' object holds it", STR_ARG(name));
    case CARRY_INSTANCE:
        return rule_text(c, "its '%.*s' holds it", STR_ARG(str_after_last(name, '.')));
    case CARRY_DISPLAY:
        return STR("a container that is passed along holds it");
    case CARRY_BACK_REFERENCE:
        return rule_text(c, "its %s '%.*s' refers back to it", role, STR_ARG(text));
    case CARRY_OWNER:
        return rule_text(c, "its %s '%.*s' holds the owner", role, STR_ARG(text));
    default:
        return rule_text(c, "its %s '%.*s' holds it", role, STR_ARG(text));
    }
}

const char *rule_carried_edge(CarryKind kind) {
    switch (kind) {
    case CARRY_METHOD:
        return ".__self__";
    case CARRY_CLOSURE:
        return ".__closure__";
    case CARRY_PARTIAL:
        return ".args";
    case CARRY_DISPLAY:
        return "[…]";
    default:
        return "reference";
    }
}
