/* ## What it does
 * Reports `from module import name` where the module imports this one, before it has the name.
 *
 * ## Why it leaks
 * Nothing leaks: an import fails, or not, by who comes first. While the module is being imported it
 * is in `sys.modules` with the names that it has so far. If it is the first of the two, its import
 * of this one runs before the name exists, and `from … import` raises ImportError.
 *
 * ## Example
 * ```python bad
 * # models.py
 * from views import render
 *
 *
 * class Model:
 *     def show(self):
 *         return render(self)
 *
 * # views.py
 * from models import Model
 *
 *
 * def render(model):
 *     return isinstance(model, Model)
 * ```
 *
 * Whoever imports `views` first gets an ImportError, and so does who imports `models` first. Import
 * one of the two where it is used:
 *
 * ```python good
 * # models.py
 * class Model:
 *     def show(self):
 *         from views import render
 *
 *         return render(self)
 *
 * # views.py
 * from models import Model
 *
 *
 * def render(model):
 *     return isinstance(model, Model)
 * ```
 *
 * ## When it is silent
 * - The import stands in a function, or under `if TYPE_CHECKING`.
 * - The module has the name before it imports this one, or the name is a module of the package.
 * - `import module`: the names are looked up later.
 *
 * The rule is off by default: programs that enter by the right module work.
 *
 * ## What it misses
 * Names that are used at import time through `import module`.
 *
 * ## How to confirm
 * Import the module first, in a fresh interpreter.
 *
 * ## References
 * - Python documentation, "The import system", loading; `sys.modules`
 */
#include "rule/rule.h"

static void report(RuleContext *c, const ImportCycle *cycle) {
    const Facts *f = graph_facts(c->graph, cycle->at.file);
    Span span = f->ops[cycle->at.op.i].span;
    Finding *finding = rule_report(c, cycle->at.file, span, (ScopeRef){0});
    Str module = graph_module_name(c->graph, cycle->module);
    Str entry = graph_module_name(c->graph, cycle->entry);
    bool is_test =
        graph_is_test_file(c->graph, cycle->at.file) || graph_is_test_file(c->graph, cycle->entry);
    finding->confidence = is_test || cycle->is_maybe      ? CONFIDENCE_LOW
                          : cycle->entry == cycle->module ? CONFIDENCE_HIGH
                                                          : CONFIDENCE_MEDIUM;
    finding->subject = rule_text(c, "%.*s.%.*s", STR_ARG(module), STR_ARG(cycle->name));
    Str asker = graph_module_name(c->graph, cycle->at.file);
    finding->message =
        cycle->entry == cycle->module
            ? rule_text(c,
                        "'%.*s' fails with 'ImportError' when it is imported first: '%.*s' asks it "
                        "for '%.*s' before it has the name",
                        STR_ARG(entry), STR_ARG(asker), STR_ARG(cycle->name))
            : rule_text(c,
                        "'%.*s' fails with 'ImportError' when it is imported first: '%.*s' asks "
                        "'%.*s' for '%.*s' before that has the name",
                        STR_ARG(entry), STR_ARG(asker), STR_ARG(module), STR_ARG(cycle->name));
    finding->help = rule_text(c,
                              "import '%.*s' where it is used, or move it to a module that imports "
                              "neither",
                              STR_ARG(cycle->name));
    finding->confirm = rule_text(c, "`python -c 'import %.*s'`", STR_ARG(entry));
    rule_note(c, finding, rule_text(c, "'%.*s' imports what leads here", STR_ARG(module)), (Str){0},
              cycle->back);
    rule_note(c, finding, rule_text(c, "and gets '%.*s' here, later", STR_ARG(cycle->name)),
              (Str){0}, cycle->bound);
}

static void check(RuleContext *c) {
    ImportCycles cycles = graph_import_cycles(c->graph, c->scratch);
    for (u32 i = 0; i < cycles.list.n; i++) report(c, &cycles.list.v[i]);
}

const Rule rule_lmp313 = {
    .code = "LMP313",
    .name = "import-cycle",
    .summary = "two modules import each other, and one asks for a name too early",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .flags = RULE_OPT_IN,
    .on_project = check,
};
