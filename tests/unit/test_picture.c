/* Questions about the attributes of classes, over sources that are written out here. The class that
 * is asked about is the first of the file, the attribute is `x`. */
#include "graph/graph.h"
#include "python/python.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct Linked {
    Arena arena;
    Facts facts;
    Graph *graph;
} Linked;

static Linked *link_source(const char *source) {
    Linked *l = calloc(1, sizeof *l);
    assert_non_null(l);
    PythonWorker *worker = python_worker_new();
    FactsBuilder b;
    facts_begin(&b, &l->arena);
    Str text = str_from(source);
    b.text_size = text.n;
    python_extract(worker, text, false, &b);
    l->facts = facts_freeze(&b);
    python_worker_free(worker);
    assert_int_equal(l->facts.n_errors, 1);
    GraphFile *file = arena_new(&l->arena, GraphFile);
    *file = (GraphFile){STR("app.py"), STR("/src/app.py"), &l->facts};
    l->graph = graph_link(&l->arena, file, 1, 1);
    return l;
}

static void unlink_source(Linked *l) {
    graph_free(l->graph);
    arena_free(&l->arena);
    free((void *)l->facts.block);
    free(l);
}

/* ---- breakers ---- */

typedef struct Case {
    const char *method; /* that lets go, or NULL */
    const char *source;
} Case;

/* clang-format off: one case a block */
static const Case breakers[] = {
    {"close", "class A:\n def __init__(self): self.x = B(self)\n"
              " def close(self): self.x = None\n"},
    {"close", "class A:\n def close(self):\n  self.y, self.x = 1, None\n"},
    {"close", "class A:\n def close(self):\n  self.y = self.x = None\n"},
    {"close", "class A:\n def close(self): del self.y, self.x\n"},
    {"close", "class A:\n def close(self): self.x.clear()\n"},
    {"close", "class A:\n def close(self): del self.x[:]\n"},
    {"close", "class A:\n def close(self): self.x[:] = []\n"},
    {"close", "class A:\n def close(self): self.x = {}\n"},
    {"close", "import collections as c\nclass A:\n def close(self): self.x = c.deque(maxlen=9)\n"},
    {"close", "class A:\n def close(self):\n  while self.x: self.x.pop()\n"},
    {"close", "class A:\n def close(self):\n  while len(self.x) > 0: self.x.popitem()\n"},
    {"close", "class A:\n def close(self):\n  for k in list(self.x): del self.x[k]\n"},
    {"close", "class A:\n def close(self):\n  old = self.x\n  old.clear()\n"},
    {"close", "class A:\n def close(self): self.__dict__.clear()\n"},
    /* branches that ask for the attribute, or for a flag that the method sets */
    {"close",
     "class A:\n def close(self):\n  if self.x is not None:\n   self.x.stop()\n   self.x = None\n"},
    {"close", "class A:\n def close(self):\n  if self.x is None: return\n  self.x = None\n"},
    {"close", "class A:\n def close(self):\n  if not self.x: pass\n  else: self.x = None\n"},
    {"close", "class A:\n def close(self):\n  x = self.x\n  if x: self.x = None\n"},
    {"close", "class A:\n def close(self):\n  if hasattr(self, 'x'): del self.x\n"},
    {"close",
     "class A:\n def close(self):\n  if self.done: return\n  self.done = True\n  self.x = None\n"},
    {"close",
     "class A:\n def close(self):\n  if not self.done:\n   self.done = True\n   self.x = None\n"},
    {"close", "class A:\n def close(self):\n  if self.e.is_set(): return\n  self.e.set()\n  self.x "
              "= None\n"},
    {"close", "class A:\n def close(self):\n  try: return f()\n  finally: self.x = None\n"},
    {"close", "class A:\n def close(self):\n  with self.lock:\n   try: f()\n   except E: pass\n   "
              "self.x = None\n"},
    {"close", "class A:\n def close(self):\n  old, self.x = self.x, None\n  return old\n"},
    {NULL, "class A:\n def close(self, force):\n  if force: self.x = None\n"},
    {NULL, "class A:\n def close(self, force):\n  if not force: return\n  self.x = None\n"},
    {NULL, "class A:\n def close(self):\n  try: f()\n  except E: self.x = None\n"},
    {NULL, "class A:\n def close(self):\n  for y in self.ys: self.x = None\n"},
    {NULL, "class A:\n def close(self):\n  if self.open: self.x = None\n"},
    {NULL, "class A:\n def close(self, force):\n  if self.x and force: self.x = None\n"},
    {NULL, "class A:\n def feed(self):\n  self.n += 1\n  if self.n > 9:\n   self.n = 0\n   self.x "
           "= []\n"},
    {"close",
     "class A:\n def close(self):\n  if self.s == 3: return\n  self.s = 3\n  self.x = None\n"},
    {NULL,
     "class A:\n def close(self):\n  for y in list(self.x):\n   if y.old(): self.x.remove(y)\n"},
    {NULL, "class A:\n def close(self):\n  if self.x[0].old(): self.x.clear()\n"},
    {NULL, "import threading\nclass A:\n def __init__(self): self.x = threading.Event()\n"
           " def close(self): self.x.clear()\n"},
    /* one element is not all */
    {NULL, "class A:\n def remove(self, k): self.x.pop(k)\n"},
    {NULL, "class A:\n def remove(self, k): del self.x[k]\n"},
    {NULL, "class A:\n def remove(self, ks):\n  for k in ks: del self.x[k]\n"},
    {NULL, "class A:\n def clean(self):\n  for k, v in self.x.items(): v.clear()\n"},
    {NULL, "class A:\n def clean(self): self.x[1].clear()\n"},
    {NULL, "class A:\n def clean(self): self.x.child = None\n"},
    /* who may be called */
    {"__exit__", "class A:\n def __exit__(self, *e): self.x = None\n"},
    {NULL, "class A:\n def __init__(self): self.x = None\n"},
    {NULL, "class A:\n def __del__(self): self.x = None\n"},
    {NULL, "class A:\n def _close(self): self.x = None\n"},
    {NULL, "class A:\n def __init__(self): self._close()\n def _close(self): self.x = None\n"},
    {"close", "class A:\n def _drop(self): self.x = None\n def close(self): self._drop()\n"},
    {"close", "class A:\n def close(self):\n  try: f()\n  finally: self._drop()\n"
              " def _drop(self): self.x = None\n"},
    {NULL,
     "class A:\n def _drop(self): self.x = None\n def close(self, now):\n  if now: self._drop()\n"},
    {NULL, "class A:\n @classmethod\n def close(cls): cls.x = None\n"},
    {NULL, "class A:\n def close(self):\n  def later(): self.x = None\n  call(later)\n"},
    /* filled again */
    {NULL, "class A:\n def start(self):\n  self.x = None\n  self.x = T(self)\n"},
    {NULL, "class A:\n def load(self):\n  self.x.clear()\n  for r in self.r: self.x.append(r)\n"},
    {NULL, "class A:\n def start(self):\n  self._drop()\n  self.x = T(self)\n def _drop(self): "
           "self.x = None\n"},
    {NULL, "class A:\n def set(self, x): self.x = x\n"},
    {NULL, "class A:\n def start(self): self.x = T(self)\n"},
    /* bases and subclasses */
    {
        "close",
        "class A(B): pass\n",
    },
    {"close", "class A: pass\nclass B(A):\n def close(self): self.x = None\n"},
    {"first", "class A:\n def first(self): self.x = None\n def second(self): self.x = None\n"},
};
/* clang-format on */

/* The base of the case that begins with `class A(B)`. */
static const char *const BASES[] = {
    "class B:\n def close(self): self.x = None\n",
    "class B:\n def close(self): self._drop()\n def _drop(self): self.x = None\n",
};

static void expect_breaker(const char *source, const char *name, const char *method) {
    Linked *l = link_source(source);
    ClassId c = {0};
    for (u32 id = 1; id <= graph_class_count(l->graph); id++)
        if (str_is(graph_class_name(l->graph, (ClassId){id}), name)) c.i = id;
    assert_true(c.i);
    OpRef where;
    ScopeRef found = graph_attribute_breaker(l->graph, c, STR("x"), &where);
    Str got = scope_is_none(found) ? STR("nothing")
                                   : str_after_last(graph_scope_name(l->graph, found), '.');
    if (!str_is(got, method ? method : "nothing"))
        fail_msg("%.*s lets go, not %s, in\n%s", STR_ARG(got), method ? method : "nothing", source);
    assert_int_equal(where.op.i != 0, method != NULL);
    unlink_source(l);
}

static void test_breakers(void **state) {
    (void)state;
    char text[1024];
    for (u32 i = 0; i < ARRAY_LEN(breakers); i++) {
        const Case *each = &breakers[i];
        u32 n = strncmp(each->source, "class A(B)", 10) ? 1 : ARRAY_LEN(BASES);
        for (u32 k = 0; k < n; k++) {
            snprintf(text, sizeof text, "%s%s", n > 1 ? BASES[k] : "", each->source);
            expect_breaker(text, "app.A", each->method);
        }
    }
}

/* A method that is overridden runs only when the override calls it. */
static void test_overridden_breakers(void **state) {
    (void)state;
    const char *base = "class B:\n def close(self): self.x = None\n";
    char text[1024];
    snprintf(text, sizeof text, "%sclass A(B):\n def close(self): pass\n", base);
    expect_breaker(text, "app.A", NULL);
    expect_breaker(text, "app.B", "close");
    snprintf(text, sizeof text, "%sclass A(B):\n def close(self): super().close()\n", base);
    expect_breaker(text, "app.A", "close");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breakers),
        cmocka_unit_test(test_overridden_breakers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
