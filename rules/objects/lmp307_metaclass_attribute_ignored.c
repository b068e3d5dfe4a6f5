/* ## What it does
 * Reports `__metaclass__ = M` in code that is meant for Python 3.
 *
 * ## Why it leaks
 * Nothing leaks: nothing happens. Python 3 takes the metaclass from the header of the class; an
 * attribute named `__metaclass__` is an attribute like any other. A singleton made this way is an
 * ordinary class, a registry stays empty, an abstract class can be made.
 *
 * ## Example
 * ```python bad
 * class Once(type):
 *     _instances = {}
 *
 *     def __call__(cls, *args, **kwargs):
 *         if cls not in cls._instances:
 *             cls._instances[cls] = super().__call__(*args, **kwargs)
 *         return cls._instances[cls]
 *
 *
 * class Config(object):
 *     __metaclass__ = Once
 *     name = "config"
 * ```
 *
 * Say it in the header:
 *
 * ```python good
 * class Once(type):
 *     _instances = {}
 *
 *     def __call__(cls, *args, **kwargs):
 *         if cls not in cls._instances:
 *             cls._instances[cls] = super().__call__(*args, **kwargs)
 *         return cls._instances[cls]
 *
 *
 * class Config(object, metaclass=Once):
 *     name = "config"
 * ```
 *
 * ## When it is silent
 * - The value is `type`: that is what every class has, and Python 2 code says so to get new
 * classes.
 * - The class, or a base, gets the same metaclass in its header, by `six.with_metaclass` or by
 *   `six.add_metaclass`.
 * - The code is meant for Python 2.7 alone, by `--target-version` or by its syntax.
 * - Something in the file reads `__metaclass__`.
 *
 * At low confidence: the `except ImportError:` of an import that always works, and projects in
 * which more than one file in twenty is in the syntax of Python 2.
 *
 * ## What it misses
 * Names that are put into a class by `setattr` or a decorator.
 *
 * ## How to confirm
 * `type(C)` is `type`.
 *
 * ## References
 * - PEP 3115, metaclasses in Python 3000
 */
#include "rule/rule.h"

/* `x.__metaclass__` is read, or the name outside a class body: the code does it by hand. */
static bool is_read(const Facts *f, u64 name) {
    for (u32 i = 1; i < f->n_paths; i++)
        if (f->paths[i].kind == PATH_ATTR && f->strings[f->paths[i].id].hash == name) return true;
    return false;
}

/* The end of the line that an offset is in, with the line end. */
static u32 line_end(Str text, u32 at) {
    while (at < text.n && text.p[at] != '\n') at++;
    return MIN(at + 1, text.n);
}

static bool is_blank(Str text, u32 from, u32 to) {
    for (u32 i = from; i < to; i++)
        if (text.p[i] != ' ' && text.p[i] != '\t') return false;
    return true;
}

/* The whole statement is `__metaclass__ = name` on a line of its own, and not the only one. */
static bool find_line(const Facts *f, const Op *bind, ScopeId class, Str text, Span *line) {
    const Scope *scope = &f->scopes[class.i];
    u32 statements = 0;
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        statements += f->ops[i].kind == OP_BIND && f->ops[i].region.i == bind->region.i;
    u32 start = bind->span.start, end = line_end(text, start);
    while (start > 0 && text.p[start - 1] != '\n') start--;
    Str rest = str_sub(text, bind->span.start, end);
    bool is_simple =
        !str_contains(rest, ";") && !str_contains(rest, "(") && !str_contains(rest, "\\");
    *line = (Span){start, end};
    return statements > 1 && is_simple && is_blank(text, start, bind->span.start);
}

/* Where the header takes the keyword, and what is to be written there. */
static bool find_header(const Scope *scope, Str text, Str value, RuleContext *c, Span *at,
                        Str *out) {
    u32 i = scope->name_span.end;
    while (i < text.n && (text.p[i] == ' ' || text.p[i] == '\t')) i++;
    if (i >= text.n) return false;
    if (text.p[i] == ':') {
        *at = (Span){scope->name_span.end, scope->name_span.end};
        *out = rule_text(c, "(metaclass=%.*s)", STR_ARG(value));
        return true;
    }
    Brackets header;
    u32 end = line_end(text, i);
    if (text.p[i] != '(') return false;
    /* the colon ends the header: what stands between is one pair of brackets */
    for (u32 to = i + 1; to <= end; to++)
        if (rule_brackets(text, i, to, &header)) {
            bool empty = is_blank(text, header.open + 1, header.close);
            *at = (Span){header.close, header.close};
            *out = rule_text(c, "%smetaclass=%.*s", empty ? "" : ", ", STR_ARG(value));
            return true;
        }
    return false;
}

static void add_fix(RuleContext *c, Finding *f, u32 file, ScopeId class, const Op *bind,
                    Str value) {
    const Facts *facts = graph_facts(c->graph, file);
    const Scope *scope = &facts->scopes[class.i];
    Str text = rule_source(c, file), keyword;
    Span header, line;
    if (scope->kind != SCOPE_CLASS || !text.n || bind->span.end > text.n) return;
    if (!find_header(scope, text, value, c, &header, &keyword)) return;
    if (!find_line(facts, bind, class, text, &line)) return;
    rule_fix(f, STR("give the metaclass in the header"), false);
    rule_edit(c, f, file, header, keyword);
    rule_edit(c, f, file, line, (Str){0});
}

static void report(RuleContext *c, u32 file, ScopeId scope, const Op *bind) {
    const Facts *facts = graph_facts(c->graph, file);
    PathId value = op_operand(facts, bind, 0);
    Str name = graph_name_of(c->graph, file, value), written = rule_path_text(c, file, value);
    u32 targets = rule_targets(c, file);
    if (!value.i || str_is(name, "builtins.type") || !targets_from(targets, PYTHON_3_3)) return;
    bool in_class = facts->scopes[scope.i].kind == SCOPE_CLASS;
    ScopeRef where = {file, scope};
    ClassId class = in_class ? graph_class_of_scope(c->graph, where) : (ClassId){0};
    if (class.i && graph_has_metaclass(c->graph, class)) return;
    Finding *f = rule_report(c, file, bind->span, in_class ? where : (ScopeRef){0});
    bool is_low = graph_is_test_file(c->graph, file) || !in_class || graph_is_python2(c->graph);
    f->confidence = is_low ? CONFIDENCE_LOW : CONFIDENCE_HIGH;
    Str subject = in_class ? graph_class_name(c->graph, class) : graph_module_name(c->graph, file);
    Str last = str_after_last(subject, '.');
    f->subject = subject;
    f->message = rule_text(c,
                           "%s'%.*s' %s made by 'type' and not by '%.*s' when Python 3 runs it: "
                           "'__metaclass__' is an ordinary %s there",
                           in_class ? "" : "classes of ", STR_ARG(last), in_class ? "is" : "are",
                           STR_ARG(written), in_class ? "attribute" : "variable");
    rule_step(c, f, STEP_NOTE, STR("no header says 'metaclass='"), (Str){0}, file,
              in_class ? facts->scopes[scope.i].name_span : bind->span);
    f->help =
        targets_before(targets, PYTHON_3_3)
            ? STR("use `six.add_metaclass` as long as Python 2 is wanted")
            : rule_text(c, "write `metaclass=%.*s` into the header of the class", STR_ARG(written));
    f->confirm = rule_text(c, "`type(%.*s)` is `type`", STR_ARG(last));
    if (in_class && !targets_before(targets, PYTHON_3_3)) add_fix(c, f, file, scope, bind, written);
}

static void check_scope(RuleContext *c, u32 file, ScopeId scope) {
    const Facts *f = graph_facts(c->graph, file);
    const Scope *s = &f->scopes[scope.i];
    u64 name = hash_str(STR("__metaclass__"));
    for (u32 i = s->symbol_first; i < s->symbol_end; i++) {
        const Symbol *symbol = &f->symbols[i];
        if (f->strings[symbol->name.i].hash != name || symbol->target.i != i) continue;
        const Op *bind = facts_op(f, symbol->bind);
        if (bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_ASSIGN && !is_read(f, name))
            report(c, file, scope, bind);
    }
}

static void check_class(RuleContext *c, ClassId class) {
    ScopeRef scope = graph_class_scope(c->graph, class);
    check_scope(c, scope.file, scope.scope);
}

static void check_modules(RuleContext *c) {
    for (u32 file = 0; file < graph_file_count(c->graph); file++)
        if (graph_facts(c->graph, file)->n_scopes > 1) check_scope(c, file, (ScopeId){1});
}

const Rule rule_lmp307 = {
    .code = "LMP307",
    .name = "metaclass-attribute-ignored",
    .summary = "__metaclass__ has no effect on Python 3",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .on_class = check_class,
    .on_project = check_modules,
};
