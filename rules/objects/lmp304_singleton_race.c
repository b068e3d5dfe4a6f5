/* ## What it does
 * Reports a singleton that is made after a test without a lock, in a program that starts threads.
 *
 * ## Why it leaks
 * Nothing leaks: there are two instances. Two threads that ask at the same time both find none, and
 * both make one; the second replaces the first, which some caller already uses. A lock around the
 * making alone does not help: the thread that waited makes another when it gets in.
 *
 * ## Example
 * ```python bad
 * import threading
 *
 *
 * class Pool:
 *     _instance = None
 *
 *     @classmethod
 *     def get(cls):
 *         if cls._instance is None:
 *             cls._instance = cls()
 *         return cls._instance
 *
 *
 * if __name__ == "__main__":
 *     for _ in range(8):
 *         threading.Thread(target=Pool.get).start()
 * ```
 *
 * Test again once the lock is held:
 *
 * ```python good
 * import threading
 *
 *
 * class Pool:
 *     _instance = None
 *     _lock = threading.Lock()
 *
 *     @classmethod
 *     def get(cls):
 *         with cls._lock:
 *             if cls._instance is None:
 *                 cls._instance = cls()
 *         return cls._instance
 *
 *
 * if __name__ == "__main__":
 *     for _ in range(8):
 *         threading.Thread(target=Pool.get).start()
 * ```
 *
 * ## When it is silent
 * - Test and making happen under one lock, or the test is repeated under the lock.
 * - No program that the module belongs to starts threads.
 * - The instance belongs to one thread (`threading.local`), or a module makes it when it is
 * imported.
 *
 * The rule is off by default: most singletons are first asked for before the threads start.
 *
 * ## What it misses
 * Threads that a framework starts, and `functools.cached_property`, which takes no lock from
 * Python 3.12 on.
 *
 * ## How to confirm
 * Let two threads meet at a `threading.Barrier` in the constructor: both get through.
 *
 * ## References
 * - Python documentation, `functools.lru_cache`: the wrapped function may be called more than once
 */
#include "rule/rule.h"

static void check(RuleContext *c, ClassId class) {
    Singleton s = graph_singleton(c->graph, class);
    const Creator *creator = &s.creator;
    u32 file = creator->function.file;
    if (scope_is_none(creator->function) || creator->is_locked || creator->is_always_fresh) return;
    if (creator->key_kind == KEY_OTHER || creator->is_weakly_kept) return;
    if (!graph_starts_threads(c->graph, file)) return;
    /* one finding a maker: at the class that has it, or that it is about */
    if (s.form == SINGLETON_NEW && s.definer.i != class.i) return;
    const Facts *facts = graph_facts(c->graph, file);
    Finding *f = rule_report(c, file, facts->ops[creator->test_op.i].span, creator->function);
    Str name = str_after_last(graph_class_name(c->graph, class), '.');
    f->confidence = graph_is_test_file(c->graph, file) ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    f->subject = graph_class_name(c->graph, class);
    f->message = rule_text(c,
                           "'%.*s' has two instances when two threads ask for the first at the "
                           "same time: no lock spans the test and the making",
                           STR_ARG(name));
    f->help = STR("hold a lock around test and making, or make the instance when the module is "
                  "imported");
    f->confirm = STR("let two threads meet at a `threading.Barrier` in the constructor");
    rule_note(c, f, STR("tested here"), (Str){0}, (OpRef){file, creator->test_op});
    rule_note(c, f, STR("made here, by every thread that has passed the test"), (Str){0},
              (OpRef){file, creator->made});
}

const Rule rule_lmp304 = {
    .code = "LMP304",
    .name = "singleton-race",
    .summary = "a singleton is made without a lock in a program that starts threads",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .flags = RULE_OPT_IN,
    .on_class = check,
};
