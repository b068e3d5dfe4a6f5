/* ## What it does
 * Reports a proven cycle of strong references that holds an owned resource (a file, socket,
 * process, connection, temporary file …) which no method of its class releases.
 *
 * ## Why it leaks
 * The author counts on the object's death to close the resource. On a cycle the object does not die
 * when the last user lets go, but when the cyclic collector happens to run: until then files stay
 * open, sockets stay connected and locks stay taken, and a busy server runs out of them.
 *
 * ## Example
 * ```python bad
 * import socket
 *
 *
 * class Client:
 *     def __init__(self, address):
 *         self.socket = socket.socket()
 *         self.socket.connect(address)
 *         self.on_reply = self.handle
 *
 *     def handle(self, reply):
 *         print(reply)
 * ```
 *
 * Give the class a method that releases it, and break the cycle:
 *
 * ```python good
 * import socket
 *
 *
 * class Client:
 *     def __init__(self, address):
 *         self.socket = socket.socket()
 *         self.socket.connect(address)
 *
 *     def handle(self, reply):
 *         print(reply)
 *
 *     def close(self):
 *         self.socket.close()
 * ```
 *
 * ## When it is silent
 * - A method of the class releases the resource, enters it in a `with`, returns it or hands it to
 *   somebody: its life does not depend on the object's. The cycle alone is LMP103 or LMP113.
 * - A module holds the resource too (`self.stdin = sys.stdin = open(…)`), or nobody waits for it:
 * a connection that opens with its first use, a transport whose thread closes it.
 * - Only a branch that a constant of the module keeps from running acquires it, a block
 * (`with open(…) as self.file`), or the class for all of its objects (`cls.process = Popen(…)`).
 * - Weak references, and links that are cut again in the same function.
 *
 * Low when a method that users can call cuts the cycle, at an attribute of its object or of one of
 * its parts, in tests, when only the project makes the object, in code that nothing shows to run
 * again and again, and when an object on it lives as long as the process (a singleton, or one that
 * the main function makes), is held by a parent of Qt, or has a link that says that it is meant
 * (`_selfref`); and when it goes through the callback of a weak reference to somebody else, with
 * whose death it goes (`weakref.ref(parent, …)`).
 *
 * ## What it misses
 * Resources that are acquired through a helper, and those of a subclass.
 *
 * ## How to confirm
 * Count `os.listdir("/proc/self/fd")` before and after making and dropping 100 of them with
 * `gc.disable()`.
 *
 * ## References
 * - Python documentation, `object.__del__`, on when objects are destroyed
 */
#include "rule/rule.h"

static void check(RuleContext *c, const Cycle *cycle) {
    if (cycle->kind != CYCLE_RESOURCE) return;
    Str name = rule_cycle_name(c, &cycle->objects[cycle->subject]);
    Finding *f = rule_report_cycle(c, cycle);
    f->is_plain = false;
    /* who forgets to call what ends its life has another problem first; a queue empties itself */
    bool is_seldom = f->effect == EFFECT_DELAYED &&
                     rule_cycle_is_seldom(c, cycle->objects[cycle->subject].class);
    if (!scope_is_none(cycle->breaker) || cycle->is_drained || is_seldom ||
        rule_cycle_lasts(c, cycle))
        f->confidence = CONFIDENCE_LOW;
    f->message =
        rule_text(c, "a cycle through %.*s keeps '%.*s' and its %.*s alive %.*s",
                  STR_ARG(rule_cycle_partner(c, cycle)), STR_ARG(name), STR_ARG(cycle->resource),
                  STR_ARG(f->effect == EFFECT_NEVER_FREED ? STR("until the process ends")
                                                          : rule_cycle_end(c, cycle)));
    f->confirm = str_is(cycle->resource, "executor")
                     ? rule_text(c,
                                 "make, use and drop 100 of '%.*s' with `gc.disable()`: the number "
                                 "of threads or child processes grows until `gc.collect()`",
                                 STR_ARG(name))
                     : rule_text(c,
                                 "make and drop 100 of '%.*s' with `gc.disable()`: the number of "
                                 "open descriptors grows until `gc.collect()`",
                                 STR_ARG(name));
    rule_step(c, f, STEP_NOTE, rule_text(c, "acquires the %.*s", STR_ARG(cycle->resource)),
              STR("no method releases it"), cycle->resource_file, cycle->resource_place);
}

const Rule rule_lmp102 = {
    .code = "LMP102",
    .name = "resource-in-cycle",
    .summary = "a reference cycle holds a resource that nothing releases: it stays open",
    .effect = EFFECT_DELAYED,
    .effects = "delayed, never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.2.0",
    .on_cycle = check,
};
