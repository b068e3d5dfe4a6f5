/* Callbacks that are given to something: pairs that the table knows, and those of the project. The
 * call that is asked about is the first whose method is `hook_me`, `subscribe` or `connect`. */
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

static OpId find_call(const Linked *l) {
    static const char *const METHODS[] = {"hook_me", "subscribe", "connect"};
    for (u32 o = 1; o < l->facts.n_ops; o++) {
        const Path *p = &l->facts.paths[l->facts.ops[o].subject];
        if (l->facts.ops[o].kind != OP_CALL || p->kind != PATH_ATTR) continue;
        for (u32 i = 0; i < ARRAY_LEN(METHODS); i++)
            if (str_is(facts_str(&l->facts, (StrId){p->id}), METHODS[i])) return (OpId){o};
    }
    fail_msg("no call");
    return (OpId){0};
}

static const char *const OWN_BUS = "class Bus:\n"
                                   " def __init__(self): self.all = []\n"
                                   " def hook_me(self, name, f): self.all.append(f)\n"
                                   " def forget(self, f): self.all.remove(f)\n"
                                   "bus = Bus()\n"
                                   "class A:\n"
                                   " def __init__(self): bus.hook_me('x', self.m)\n"
                                   " def m(self): pass\n"
                                   " def close(self): bus.forget(self.m)\n";

static void models_of_the_project(void **state) {
    (void)state;
    Linked *l = link_source(OWN_BUS);
    OpId call = find_call(l);
    Listener listener;
    assert_false(graph_listener(l->graph, 0, call, &listener)); /* nobody knows the name */
    Str removes[] = {STR("app.Bus.forget")};
    Model strong = {STR("app.Bus.hook_me"), removes, 1, false, 1};
    graph_use_models(l->graph, &(Models){&strong, 1});
    assert_true(graph_listener(l->graph, 0, call, &listener));
    assert_ptr_equal(listener.model, &strong);
    assert_int_equal(listener.operand, 1);
    assert_int_equal(listener.grip.kind, GRIP_SELF);
    assert_int_equal(listener.grip.carry.kind, CARRY_METHOD);
    assert_int_equal(listener.receiver.kind, RECEIVER_MODULE);
    OpRef where;
    assert_true(graph_is_undone(l->graph, 0, call, &listener, &where));
    char room[64];
    assert_true(str_is(graph_undo_name(&listener, room, sizeof room), "forget"));

    Model other = {STR("app.Bus.hook_me"), NULL, 0, false, 0}; /* the name is the callback */
    graph_use_models(l->graph, &(Models){&other, 1});
    assert_false(graph_listener(l->graph, 0, call, &listener));
    Model weak = {STR("app.Bus.hook_me"), removes, 1, true, 1};
    graph_use_models(l->graph, &(Models){&weak, 1});
    assert_false(graph_listener(l->graph, 0, call, &listener));
    unlink_source(l);
}

/* What a receiver of the project does with the callback. */
static void intake_of(const char *body, Intake *out) {
    char source[1000];
    const char *form = "import weakref\n"
                       "class Bus:\n"
                       " def __init__(self): self.all = []\n"
                       "%s"
                       "bus = Bus()\n"
                       "class A:\n"
                       " def __init__(self): bus.subscribe(self.m)\n"
                       " def m(self): pass\n";
    snprintf(source, sizeof source, form, body);
    Linked *l = link_source(source);
    *out = graph_intake(l->graph, 0, find_call(l), 0);
    unlink_source(l);
}

static void receivers_of_the_project(void **state) {
    (void)state;
    Intake in;
    intake_of(" def subscribe(self, f): self.all.append(f)\n", &in);
    assert_true(in.is_known && in.keeps && !in.is_weak && !in.is_slot && scope_is_none(in.undo));
    intake_of(" def subscribe(self, f): self.add(f)\n"
              " def add(self, f): self.all.append(f)\n"
              " def remove(self, f): self.all.remove(f)\n",
              &in);
    assert_true(in.keeps && !scope_is_none(in.undo));
    intake_of(" def subscribe(self, f): self.all.append(weakref.WeakMethod(f))\n", &in);
    assert_true(in.is_weak);
    intake_of(" def subscribe(self, f): self.handler = f\n", &in);
    assert_true(in.is_slot);
    intake_of(" def subscribe(self, f): f()\n", &in);
    assert_true(in.is_known && !in.keeps);
    intake_of(" def subscribe(self, f): self.all.append(f)\n"
              " def fire(self):\n"
              "  todo, self.all = self.all, []\n"
              "  for f in todo: f()\n",
              &in);
    assert_true(in.is_emptied);
}

static void weak_by_keyword(void **state) {
    (void)state;
    const char *const form = "import blinker\n"
                             "changed = blinker.signal('changed')\n"
                             "class A:\n"
                             " def __init__(self): changed.connect(self.m%s)\n"
                             " def m(self, sender): pass\n";
    const char *const said[] = {"", ", weak=True", ", weak=False"};
    for (u32 i = 0; i < ARRAY_LEN(said); i++) {
        char source[400];
        snprintf(source, sizeof source, form, said[i]);
        Linked *l = link_source(source);
        Listener listener;
        assert_int_equal(graph_listener(l->graph, 0, find_call(l), &listener), i == 2);
        unlink_source(l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_of_the_project),
        cmocka_unit_test(receivers_of_the_project),
        cmocka_unit_test(weak_by_keyword),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
