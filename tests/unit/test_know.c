/* Knowledge tables: sorted (or the halving search would miss rows), whole, and answering. */
#include "know/know.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Names of neighbouring rows must rise; `equal` allows the same name twice. */
static void assert_rises(const char *before, const char *after, bool equal) {
    int order = strcmp(before, after);
    if (order > 0 || (order == 0 && !equal)) fail_msg("\"%s\" stands before \"%s\"", before, after);
}

static void tables_are_sorted(void **state) {
    (void)state;
    u32 n;
    const ConstructorRow *constructors = know_constructors(&n);
    assert_true(n > 50);
    for (u32 i = 1; i < n; i++) assert_rises(constructors[i - 1].name, constructors[i].name, false);
    const MethodRow *methods = know_methods(&n);
    assert_true(n > 50);
    for (u32 i = 1; i < n; i++) assert_rises(methods[i - 1].method, methods[i].method, true);
    const CallRow *calls = know_calls(&n);
    assert_true(n > 100);
    for (u32 i = 1; i < n; i++) assert_rises(calls[i - 1].name, calls[i].name, false);
    const CacheRow *caches = know_caches(&n);
    assert_true(n > 10);
    for (u32 i = 1; i < n; i++) assert_rises(caches[i - 1].name, caches[i].name, false);
    const WordRow *words = know_words(&n);
    assert_true(n > 50);
    for (u32 i = 1; i < n; i++) assert_rises(words[i - 1].word, words[i].word, false);
    const UndoRow *undos = know_undos(&n);
    for (u32 i = 1; i < n; i++) assert_rises(undos[i - 1].adds, undos[i].adds, true);
    const ProtocolRow *protocols = know_protocols(&n);
    for (u32 i = 1; i < n; i++) assert_rises(protocols[i - 1].name, protocols[i].name, false);
}

/* `register` and `unregister`, also with a word behind both. */
static void pairs_are_found(void **state) {
    (void)state;
    u32 n;
    const UndoRow *undos = know_undos(&n);
    for (u32 i = 0; i < n; i++)
        assert_non_null(know_undo(str_from(undos[i].adds), str_from(undos[i].removes)));
    assert_non_null(know_undo(STR("add_reader"), STR("remove_reader")));
    assert_non_null(know_undo(STR("addHandler"), STR("removeHandler")));
    assert_non_null(know_undo(STR("register_hook"), STR("deregister_hook")));
    assert_true(know_undo(STR("connect"), STR("disconnect"))->is_weak);
    assert_null(know_undo(STR("add_reader"), STR("remove_writer")));
    assert_null(know_undo(STR("address"), STR("removeress")));
    assert_null(know_undo(STR("unregister"), STR("register")));
}

static void every_row_is_found(void **state) {
    (void)state;
    u32 n;
    const ConstructorRow *constructors = know_constructors(&n);
    for (u32 i = 0; i < n; i++)
        assert_ptr_equal(know_constructor_row(str_from(constructors[i].name)), &constructors[i]);
    const CallRow *calls = know_calls(&n);
    for (u32 i = 0; i < n; i++) assert_ptr_equal(know_call(str_from(calls[i].name)), &calls[i]);
    const CacheRow *caches = know_caches(&n);
    for (u32 i = 0; i < n; i++) assert_ptr_equal(know_cache(str_from(caches[i].name)), &caches[i]);
    const MethodRow *methods = know_methods(&n);
    for (u32 i = 0; i < n; i++) assert_non_null(know_method(str_from(methods[i].method)));
}

static void what_is_not_there_is_not_found(void **state) {
    (void)state;
    assert_null(know_call(STR("")));
    assert_null(know_call(STR("zzz.last")));
    assert_null(know_call(STR("builtins.le")));
    assert_null(know_call(STR("builtins.lenn")));
    assert_null(know_cache(STR("functools.cached_property")));
    assert_null(know_cache(STR("aiocache.cached")));
    assert_int_equal(know_constructor(STR("builtins.tuple")), MADE_NOTHING);
}

/* Rows that grow or shrink an argument must say which one; a queue's own rows must be reachable. */
static void rows_are_whole(void **state) {
    (void)state;
    u32 n;
    const CallRow *calls = know_calls(&n);
    for (u32 i = 0; i < n; i++) {
        assert_true(calls[i].flags != 0);
        if (calls[i].flags & (CALL_GROWS | CALL_SHRINKS)) assert_true(calls[i].container >= 0);
        if (calls[i].flags & CALL_GROWS) assert_true(calls[i].value >= 0);
    }
    const MethodRow *methods = know_methods(&n);
    for (u32 i = 0; i < n; i++) {
        if (methods[i].effect == METHOD_ADDS) assert_true(methods[i].value >= 0);
        if (i && strcmp(methods[i - 1].method, methods[i].method) == 0)
            assert_true(methods[i].kinds != 0);
    }
    const ConstructorRow *constructors = know_constructors(&n);
    for (u32 i = 0; i < n; i++)
        assert_int_equal(constructors[i].bound >= 0, constructors[i].bound_name != NULL);
    const CacheRow *caches = know_caches(&n);
    for (u32 i = 0; i < n; i++) assert_false(caches[i].takes_size && caches[i].takes_store);
}

static void kinds_decide(void **state) {
    (void)state;
    assert_int_equal(know_method(STR("get"))->effect, METHOD_READS);
    assert_int_equal(know_method_of(MADE_DICT, STR("get"))->effect, METHOD_READS);
    assert_int_equal(know_method_of(MADE_QUEUE, STR("get"))->effect, METHOD_REMOVES);
    assert_int_equal(know_method_of(MADE_COUNTER, STR("subtract"))->effect, METHOD_ADDS);
    assert_null(know_method_of(MADE_LIST, STR("subtract")));
    assert_null(know_method_of(MADE_LIST, STR("no_such_method")));
    assert_int_equal(know_method(STR("insert"))->value, 1);
    assert_int_equal(know_method(STR("setdefault"))->key, 0);
}

static void names_tell(void **state) {
    (void)state;
    assert_true(know_is_request_name(STR("request")));
    assert_true(know_is_request_name(STR("_conn")));
    assert_true(know_is_request_name(STR("new_websocket")));
    assert_false(know_is_request_name(STR("request_id")));
    assert_false(know_is_request_name(STR("requests")));
    assert_false(know_is_request_name(STR("")));
    assert_true(know_is_id_name(STR("request_id")));
    assert_true(know_is_id_name(STR("id")));
    assert_false(know_is_id_name(STR("valid")));
    assert_true(know_is_request_type(STR("aiohttp.web.Request")));
    assert_true(know_is_request_type(STR("HTTPRequest")));
    assert_true(know_is_request_type(STR("DbSession")));
    assert_true(know_is_request_type(STR("socket.socket")));
    assert_false(know_is_request_type(STR("email.message.Message")));
    assert_false(know_is_request_type(STR("Requester")));
    assert_false(know_is_request_type(STR("ConnectionError")));
    assert_true(know_is_task_method(STR("create_task")));
    assert_false(know_is_task_method(STR("create")));
    assert_true(know_is_closed_type(STR("typing.Literal")));
    assert_false(know_is_closed_type(STR("builtins.str")));
    assert_true(know_is_plain_type(STR("builtins.str")));
    assert_false(know_is_plain_type(STR("builtins.object")));
    assert_true(know_is_key_without_self(STR("cachetools.keys.methodkey")));
    assert_false(know_is_key_without_self(STR("cachetools.keys.hashkey")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_sorted),  cmocka_unit_test(pairs_are_found),
        cmocka_unit_test(every_row_is_found), cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(rows_are_whole),     cmocka_unit_test(kinds_decide),
        cmocka_unit_test(names_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
