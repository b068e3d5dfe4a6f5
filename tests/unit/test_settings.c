/* What a project says about itself, as the graph answers it. */
#include "graph/graph.h"
#include "python/python.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct Linked {
    Arena arena;
    Facts facts;
    Graph *graph;
} Linked;

static Linked *link_source(const char *source, GraphSettings settings) {
    Linked *l = calloc(1, sizeof *l);
    assert_non_null(l);
    PythonWorker *worker = python_worker_new();
    FactsBuilder b;
    facts_begin(&b, &l->arena);
    b.text_size = (u32)strlen(source);
    python_extract(worker, str_from(source), false, &b);
    l->facts = facts_freeze(&b);
    python_worker_free(worker);
    GraphFile *file = arena_new(&l->arena, GraphFile);
    *file = (GraphFile){STR("app.py"), STR("/src/app.py"), &l->facts, false};
    l->graph = graph_link(&l->arena, file, 1, 1, &settings);
    return l;
}

static void unlink_source(Linked *l) {
    graph_free(l->graph);
    arena_free(&l->arena);
    free((void *)(uintptr_t)l->facts.block);
    free(l);
}

static ClassId class_named(Linked *l, const char *name) {
    ClassId *found;
    assert_int_equal(graph_classes_named(l->graph, str_from(name), &l->arena, &found), 1);
    return found[0];
}

static const char SOURCE[] = "class Base:\n def __init__(self):\n  self.items = []\n"
                             " def add(self, x):\n  self.items.append(x)\n"
                             " def _drop(self): pass\n def __exit__(self, *a): pass\n"
                             "class Own(Base): pass\n"
                             "class _Hidden:\n def run(self): pass\n"
                             "class Other: pass\n"
                             "def make() -> Other:\n def inner(): pass\n return Other()\n"
                             "other = make()\n"
                             "TABLE = {}\ndef put(key): TABLE[key] = 1\n"
                             "_table = {}\ndef put_(key): _table[key] = 1\n";

/* The classes that are long-lived when `name` is. */
static void expect_long_lived(const char *name, const char *classes) {
    Str names[] = {str_from(name)};
    Linked *l = link_source(SOURCE, (GraphSettings){.long_lived = names, .n_long_lived = 1});
    char found[128] = "";
    static const char *const ALL[] = {"Base", "Own", "_Hidden", "Other"};
    for (u32 i = 0; i < ARRAY_LEN(ALL); i++) {
        bool is_so = graph_is_long_lived_class(l->graph, class_named(l, ALL[i]));
        assert_int_equal(is_so,
                         graph_only_module_instances(l->graph, class_named(l, ALL[i])) || is_so);
        if (is_so) snprintf(found + strlen(found), sizeof found - strlen(found), "%s ", ALL[i]);
    }
    assert_string_equal(found, classes);
    assert_int_equal(graph_has_long_lived(l->graph, 0), strcmp(name, "app.Nothing") != 0);
    assert_true(graph_is_configured_long_lived(l->graph, str_from(name)));
    assert_false(graph_is_configured_long_lived(l->graph, STR("app.Bas")));
    unlink_source(l);
}

static void test_long_lived(void **state) {
    (void)state;
    expect_long_lived("app.Base", "Base Own ");
    expect_long_lived("app.Own", "Own ");
    expect_long_lived("app.other", "Other ");
    expect_long_lived("app.Base.items", "");
    expect_long_lived("app.Nothing", "");
}

/* What becomes of the attribute that a method of the base class fills. */
static void test_containers(void **state) {
    (void)state;
    static const struct {
        const char *name;
        u32 singletons;
    } CASES[] = {{"app.Base", 1}, {"app.Own", 1}, {"app.Base.items", 1}, {"app.Other", 0}};
    for (u32 k = 0; k < ARRAY_LEN(CASES); k++) {
        Str names[] = {str_from(CASES[k].name)};
        Linked *l = link_source(SOURCE, (GraphSettings){.long_lived = names, .n_long_lived = 1});
        u32 n = 0;
        for (u32 i = 1; i <= graph_container_count(l->graph); i++) {
            const Container *c = graph_container(l->graph, (ContainerId){i});
            if (c->holder != HOLDER_SINGLETON) continue;
            n++;
            assert_true(str_is(c->name, "app.Base.items"));
            assert_true(str_is(c->short_name, "Base.items"));
            assert_int_equal(graph_growth(l->graph, (ContainerId){i}).verdict, VERDICT_GROWS);
        }
        assert_int_equal(n, CASES[k].singletons);
        unlink_source(l);
    }
}

static void test_library(void **state) {
    (void)state;
    for (Profile profile = PROFILE_SERVICE; profile <= PROFILE_SCRIPT; profile++) {
        Linked *l = link_source(SOURCE, (GraphSettings){.profile = profile});
        bool is_library = profile == PROFILE_LIBRARY;
        assert_int_equal(graph_profile(l->graph), profile);
        for (u32 i = 1; i <= graph_container_count(l->graph); i++) {
            const Container *c = graph_container(l->graph, (ContainerId){i});
            Growth growth = graph_growth(l->graph, (ContainerId){i});
            assert_int_equal(growth.escapes, is_library && c->is_public);
        }
        for (ScopeId s = {0}; (s = graph_next_function(l->graph, 0, s)).i;) {
            Str name = graph_scope_name(l->graph, (ScopeRef){0, s});
            bool is_public = !str_contains(name, "._drop") && !str_contains(name, "_Hidden") &&
                             !str_contains(name, "inner");
            assert_int_equal(graph_users_may_call(l->graph, (ScopeRef){0, s}),
                             is_library && is_public);
        }
        unlink_source(l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_lived),
        cmocka_unit_test(test_containers),
        cmocka_unit_test(test_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
