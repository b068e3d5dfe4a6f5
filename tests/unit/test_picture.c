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
    *file = (GraphFile){STR("app.py"), STR("/src/app.py"), &l->facts, false};
    l->graph = graph_link(&l->arena, file, 1, 1, NULL);
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

/* ---- kinds ---- */

typedef struct KindCase {
    const char *kind; /* and the container's, for containers; "weak" first when it is only weak */
    const char *value;
} KindCase;

static const KindCase kinds[] = {
    {"container list", "[]"},
    {"container list", "list(a)"},
    {"container list", "[None] * 3"},
    {"container list", "[y for y in a]"},
    {"container dict", "a or {}"},
    {"container dict", "{} if a is None else a"},
    {"container defaultdict", "collections.defaultdict(list)"},
    {"container deque", "collections.deque()"},
    {"container deque", "collections.deque(a, None)"},
    {"container bounded", "collections.deque(maxlen=a)"},
    {"container queue", "queue.Queue()"},
    {"weak container weak", "weakref.WeakSet()"},
    {"weak container weak", "None\n  self.x = weakref.WeakKeyDictionary()"},
    {"weak weak reference", "weakref.ref(a)"},
    {"weak weak reference", "weakref.proxy(a) if a else None"},
    {"weak weak reference", "None\n  self.x = weakref.WeakMethod(a.m)"},
    {"weak weak reference", "None\n  r = weakref.ref(a)\n  self.x = r"},
    {"unknown", "weakref.ref(a) if a else a"},
    {"unknown", "None"},
    {"unknown", "a"},
    {"weak reference", "weakref.ref(a)\n def set(self, a): self.x = a"},
    {"lock", "threading.RLock()"},
    {"task", "threading.Thread(target=a)"},
    {"task", "a.create_task(a.run())"},
    {"resource", "open(a)"},
    {"resource", "None\n def start(self): self.x = socket.socket()"},
    {"instance", "B()"},
    {"instance", "None\n def start(self): self.x = B()"},
    {"instance", "b"},
    {"function", "lambda: a"},
    {"function", "self.m"},
    {"function", "functools.partial(a, 1)"},
    {"plain", "3"},
    {"plain", "f'{a}'"},
    {"plain", "len(a) + 1"},
    {"instance", "False\n def start(self): self.x = B()"},
    {"outside", "hashlib.md5()"},
    {"unknown", "[]\n def start(self): self.x = threading.Lock()"},
    {"container other", "[]\n def start(self): self.x = {}"},
};

static void test_kinds(void **state) {
    (void)state;
    char text[1024], got[80];
    for (u32 i = 0; i < ARRAY_LEN(kinds); i++) {
        snprintf(text, sizeof text,
                 "import collections, functools, hashlib, queue, socket, threading, weakref\n"
                 "class B: pass\nclass A:\n def m(self): pass\n"
                 " def __init__(self, a, b: B):\n  self.x = %s\n",
                 kinds[i].value);
        Linked *l = link_source(text);
        Attribute a = graph_attribute(l->graph, (ClassId){2}, STR("x"), &l->arena);
        static const char *const CONTAINERS[] = {"list",        "dict",        "set",     "deque",
                                                 "defaultdict", "OrderedDict", "Counter", "weak",
                                                 "bounded",     "queue",       "other"};
        bool is_container = a.kind == ATTRIBUTE_CONTAINER;
        snprintf(got, sizeof got, "%s%s%s%s", a.is_weak ? "weak " : "", attribute_kind_text(a.kind),
                 is_container ? " " : "", is_container ? CONTAINERS[a.container] : "");
        if (strcmp(got, kinds[i].kind)) fail_msg("%s, not %s: %s", got, kinds[i].kind, text);
        assert_int_equal(graph_attribute_is_weak(l->graph, (ClassId){2}, STR("x")), a.is_weak);
        ClassId c = graph_attribute_class(l->graph, (ClassId){2}, STR("x"));
        assert_int_equal(c.i, a.kind == ATTRIBUTE_INSTANCE);
        unlink_source(l);
    }
}

/* ---- removals and releases ---- */

typedef struct RemovalCase {
    RemovalKind kind;
    u32 level;
    const char *source; /* after a class A whose add() puts into a dict x of sets */
} RemovalCase;

/* clang-format off: one case a block */
static const RemovalCase removals[] = {
    {REMOVAL_NONE, 0, ""},
    {REMOVAL_SURE, 0, " def drop(self, k): self.x.pop(k)\n"},
    {REMOVAL_SURE, 1, " def drop(self, k): self.x.pop(k)\n"},
    {REMOVAL_SURE, 0, " def drop(self, k):\n  x = self.x\n  del x[k]\n"},
    {REMOVAL_SURE, 0, " def drop(self, k):\n  pop = self.x.pop\n  pop(k)\n"},
    {REMOVAL_SURE, 0, " def drop(self, k): self.x[k] = None\n"},
    {REMOVAL_SURE, 0, " def drop(self, k): call(self.x.pop, k)\n"},
    {REMOVAL_SURE, 0, " def start(self): self.x = {}\n"},
    {REMOVAL_SURE, 0, " def start(self, x): self.x = x\n"},
    {REMOVAL_SURE, 0, " def take(self):\n  x, self.x = self.x, {}\n  return x\n"},
    {REMOVAL_NONE, 0, " def start(self):\n  if self.x is None: self.x = {}\n"},
    {REMOVAL_NONE, 0, " def start(self):\n  if not self.x: self.x = {}\n"},
    {REMOVAL_SURE, 0, " def flush(self):\n  if self.x: self.x = {}\n"},
    {REMOVAL_BOUND, 0, " def full(self): return len(self.x) > 9\n"},
    /* at the level of the growth */
    {REMOVAL_NONE, 0, " def leave(self, k, v): self.x[k].discard(v)\n"},
    {REMOVAL_SURE, 1, " def leave(self, k, v): self.x[k].discard(v)\n"},
    {REMOVAL_SURE, 1, " def leave(self, k, v): self.x.get(k).remove(v)\n"},
    {REMOVAL_SURE, 1, " def leave(self, v):\n  for k, s in self.x.items(): s.discard(v)\n"},
    {REMOVAL_NONE, 0, " def copy(self):\n  x = dict(self.x)\n  x.pop(1)\n"},
    {REMOVAL_NONE, 0, " def __del__(self): self.x.clear()\n"},
    /* by others */
    {REMOVAL_SURE, 0, "class B(A):\n def drop(self, k): self.x.pop(k)\n"},
    {REMOVAL_SURE, 0, "def drop(a: A): a.x.clear()\n"},
    {REMOVAL_SURE, 0,
     "class B:\n def __init__(self): self.a = A()\n def m(self): self.a.x.pop(1)\n"},
    {REMOVAL_SURE, 0, " @property\n def y(self): return self.x\ndef f(a: A): a.y.clear()\n"},
    {REMOVAL_SURE, 0, "class M:\n def drop(self): self.x.clear()\nclass B(M, A): pass\n"},
    {REMOVAL_BY_NAME, 0, "class P: pass\ndef drop(a: P): a.x.clear()\n"},
    {REMOVAL_NONE, 0, "class P:\n def __init__(self): self.x = []\ndef drop(a: P): a.x.clear()\n"},
    {REMOVAL_BY_NAME, 0, "def drop(a): a.x.clear()\n"},
    {REMOVAL_BY_NAME, 0, "def drop(a):\n del a.x[1]\n"},
    {REMOVAL_NONE, 0, "class B:\n def drop(self): self.x.clear()\n"},
    {REMOVAL_NONE, 0, "def drop(a): a.y.clear()\n"},
};
/* clang-format on */

static void test_removals(void **state) {
    (void)state;
    char text[1024];
    for (u32 i = 0; i < ARRAY_LEN(removals); i++) {
        snprintf(text, sizeof text,
                 "class A:\n def __init__(self): self.x = {}\n"
                 " def add(self, k, v): self.x.setdefault(k, set()).add(v)\n%s",
                 removals[i].source);
        Linked *l = link_source(text);
        Removal r = graph_attribute_removal(l->graph, (ClassId){1}, STR("x"), removals[i].level);
        if (r.kind != removals[i].kind)
            fail_msg("%d, not %d at level %u in\n%s", (int)r.kind, (int)removals[i].kind,
                     removals[i].level, text);
        unlink_source(l);
    }
}

static const Case releasers[] = {
    {"close", " def close(self): self.x.close()\n"},
    {"stop", " def stop(self):\n  x = self.x\n  x.detach()\n"},
    {"close", " def __del__(self): self.x.close()\n def close(self): self.x.close()\n"},
    {"__exit__", " def _close(self): self.x.close()\n def __exit__(self, *e): self.x.close()\n"},
    {"__del__", " def __del__(self): self.x.close()\n"},
    {"run", " def run(self):\n  with self.x: pass\n"},
    {"close", " def close(self):\n  def later(): self.x.close()\n  call(later)\n"},
    {"close", " def close(self): call(self.x.close)\n"},
    {"close", " def close(self): pass\nclass B(A):\n def close(self): self.x.close()\n"},
    {NULL, " def close(self): self.x.recv(3)\n"},
    {NULL, " def close(self): self.x = None\n"},
    {NULL, " def close(self): self.x.join()\n"}, /* which is not how a socket is released */
};

static void test_releasers(void **state) {
    (void)state;
    char text[1024];
    for (u32 i = 0; i < ARRAY_LEN(releasers); i++) {
        snprintf(text, sizeof text,
                 "import socket\nclass A:\n def __init__(self): self.x = socket.socket()\n%s",
                 releasers[i].source);
        Linked *l = link_source(text);
        OpRef where;
        ScopeRef found = graph_attribute_releaser(l->graph, (ClassId){1}, STR("x"), &where);
        Str name = scope_is_none(found) ? STR("nothing")
                                        : str_after_last(graph_scope_name(l->graph, found), '.');
        const char *expected = releasers[i].method ? releasers[i].method : "nothing";
        if (!str_is(name, expected)) fail_msg("%.*s, not %s in\n%s", STR_ARG(name), expected, text);
        unlink_source(l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breakers),  cmocka_unit_test(test_overridden_breakers),
        cmocka_unit_test(test_kinds),     cmocka_unit_test(test_removals),
        cmocka_unit_test(test_releasers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
