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
    for (u32 table = 0; table < EFFECT_TABLES; table++) {
        const EffectRow *effects = know_effect_rows(table, &n);
        assert_true(n > 100);
        for (u32 i = 1; i < n; i++) assert_rises(effects[i - 1].name, effects[i].name, true);
    }
    const ResourceRow *resources = know_resources(&n);
    assert_true(n > 150);
    for (u32 i = 1; i < n; i++) assert_rises(resources[i - 1].name, resources[i].name, false);
    const ClassRow *results = know_results(&n);
    assert_true(n > 80);
    for (u32 i = 1; i < n; i++) assert_rises(results[i - 1].name, results[i].name, false);
    const ClassRow *bases = know_bases(&n);
    assert_true(n > 100);
    for (u32 i = 1; i < n; i++) assert_rises(bases[i - 1].name, bases[i].name, true);
    const UndoRow *undos = know_undos(&n);
    for (u32 i = 1; i < n; i++) assert_rises(undos[i - 1].adds, undos[i].adds, true);
    const PairRow *pairs = know_pairs(&n);
    assert_true(n > 80);
    for (u32 i = 1; i < n; i++) assert_rises(pairs[i - 1].adds, pairs[i].adds, false);
    const ImmutableRow *immutables = know_immutables(&n);
    for (u32 i = 1; i < n; i++) assert_rises(immutables[i - 1].name, immutables[i].name, false);
    for (u32 i = 0; i < n; i++)
        assert_ptr_equal(know_immutable(str_from(immutables[i].name)), &immutables[i]);
    const ProtocolRow *protocols = know_protocols(&n);
    for (u32 i = 1; i < n; i++) assert_rises(protocols[i - 1].name, protocols[i].name, false);
    const ThreadedRow *threaded = know_threaded_rows(&n);
    for (u32 i = 1; i < n; i++) assert_rises(threaded[i - 1].name, threaded[i].name, false);
    for (u32 i = 0; i < n; i++)
        assert_ptr_equal(know_threaded(str_from(threaded[i].name)), &threaded[i]);
    assert_null(know_threaded(STR("threading.Thread")));
    const WindowRow *windows = know_windows(&n);
    for (u32 i = 1; i < n; i++) assert_rises(windows[i - 1].name, windows[i].name, false);
    for (u32 i = 0; i < n; i++)
        assert_ptr_equal(know_window(str_from(windows[i].name)), &windows[i]);
    assert_non_null(know_window(STR("gi.repository.Gtk.Dialog")));
    assert_null(know_window(STR("Dialog")));
    const ServedRow *served = know_served_rows(&n);
    for (u32 i = 1; i < n; i++) assert_rises(served[i - 1].name, served[i].name, false);
    const ServingRow *serving = know_serving_rows(&n);
    for (u32 i = 1; i < n; i++) assert_rises(serving[i - 1].base, serving[i].base, true);
    for (u32 i = 1; know_awaited_name(i); i++)
        assert_rises(know_awaited_name(i - 1), know_awaited_name(i), false);
    assert_true(know_is_held_by_loop(STR("redis.asyncio.Redis.get")));
    assert_false(know_is_held_by_loop(STR("redisearch.Client")));
    const ConcurrencyRow *concurrency = know_concurrency_rows(&n);
    for (u32 i = 1; i < n; i++) assert_rises(concurrency[i - 1].name, concurrency[i].name, false);
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
    assert_true(know_undo(STR("connect"), STR("disconnect"))->flags & UNDO_WEAK);
    assert_null(know_undo(STR("add_reader"), STR("remove_writer")));
    assert_null(know_undo(STR("address"), STR("removeress")));
    assert_null(know_undo(STR("unregister"), STR("register")));
}

/* Rows by their names; methods of bases by whole names, by their starts, and by the package. */
static void served_is_told(void **state) {
    (void)state;
    u32 n;
    const ServedRow *served = know_served_rows(&n);
    assert_true(n > 40);
    for (u32 i = 0; i < n; i++) {
        assert_ptr_equal(know_served(str_from(served[i].name)), &served[i]);
        assert_true((served[i].by == SERVED_GIVEN) <= (served[i].argument >= 0));
    }
    assert_null(know_served(STR("append")));
    assert_true(know_is_app_name(STR("app")));
    assert_true(know_is_app_name(STR("my_bot")));
    assert_false(know_is_app_name(STR("items")));
    assert_true(know_is_serving(STR("http.server.BaseHTTPRequestHandler"), STR("do_GET")));
    assert_false(know_is_serving(STR("http.server.BaseHTTPRequestHandler"), STR("do_")));
    assert_false(know_is_serving(STR("http.server.BaseHTTPRequestHandler"), STR("log_message")));
    assert_true(know_is_serving(STR("twisted.internet.protocol.Protocol"), STR("dataReceived")));
    assert_true(know_is_serving(STR("asyncio.Protocol"), STR("data_received")));
    assert_false(know_is_serving(STR("typing.Protocol"), STR("data_received")));
    assert_true(know_is_serving(STR("rooms_pb2_grpc.RoomsServicer"), STR("Join")));
    assert_false(know_is_serving(STR("rooms_pb2_grpc.RoomsServicer"), STR("__init__")));
    assert_true(know_is_request_proxy(STR("flask.request.args")));
    assert_true(know_is_request_proxy(STR("flask.g")));
    assert_false(know_is_request_proxy(STR("flask.globals")));
}

/* Names that keep a callback, and the name that takes it back. */
static void listening_is_told_by_names(void **state) {
    (void)state;
    const char *const yes[] = {"on",
                               "subscribe",
                               "add_listener",
                               "addHandler",
                               "connect_closed",
                               "add_close_callback",
                               "registerHandler",
                               "register",
                               "observe"};
    for (u32 i = 0; i < ARRAY_LEN(yes); i++) assert_true(know_is_listening(str_from(yes[i])));
    const char *const no[] = {"add",   "append", "add_item", "register_type",
                              "start", "open",   "",         "of"};
    for (u32 i = 0; i < ARRAY_LEN(no); i++) assert_false(know_is_listening(str_from(no[i])));
    char room[64];
    assert_true(str_is(know_undo_name(STR("subscribe"), room, sizeof room), "unsubscribe"));
    assert_true(
        str_is(know_undo_name(STR("add_x_callback"), room, sizeof room), "remove_x_callback"));
    assert_int_equal(know_undo_name(STR("add_x_callback"), room, 4).n, 0);
    assert_int_equal(know_undo_name(STR("append"), room, sizeof room).n, 0);
    assert_true(know_is_undoing(STR("on"), STR("off")));
    assert_true(know_is_undoing(STR("on"), STR("remove_all_listeners")));
    assert_false(know_is_undoing(STR("on"), STR("")));
    assert_false(know_is_undoing(STR("add_reader"), STR("remove_writer")));
}

/* Each row is found by its name, and says of references what the rows of effects say. */
static void pairs_agree_with_effects(void **state) {
    (void)state;
    u32 n, rows;
    const PairRow *pairs = know_pairs(&n);
    for (u32 i = 0; i < n; i++) {
        const PairRow *p = &pairs[i];
        assert_ptr_equal(know_pair(str_from(p->adds)), p);
        assert_true(p->source[0] != 0);
        assert_true(!p->removes[0] ||
                    pair_is_undone_by(p, pair_undo(p), str_after_last(pair_undo(p), '.')));
        Str last = str_after_last(str_from(p->adds), '.');
        bool is_constructor = last.p[0] >= 'A' && last.p[0] <= 'Z';
        bool is_other = is_constructor || p->flags & (PAIR_ONCE | PAIR_PROCESS | PAIR_LOGGER);
        assert_true(is_other || know_is_listening(last) || know_has_pair_method(last));
        assert_false(know_is_listening(last) && know_has_pair_method(last));
        const EffectRow *e = know_effects(str_from(p->adds), &rows);
        bool is_found = !rows;
        for (u32 k = 0; k < rows && e; k++) {
            bool is_it = p->callback < 0 || effect_has_position(&e[k], (u32)p->callback);
            if (!is_it || e[k].holder == HELD_BY_RESULT) {
                is_found |= e[k].holder == HELD_BY_RESULT;
                continue;
            }
            is_found = true;
            if (p->flags & PAIR_ASSIGN) continue;
            assert_int_equal((e[k].flags & EFFECT_WEAK) != 0, p->hold == PAIR_WEAK);
            assert_int_equal((e[k].flags & EFFECT_WEAK_METHODS) != 0, p->hold == PAIR_WEAK_METHODS);
        }
        if (!is_found) fail_msg("no effect of \"%s\" has its callback", p->adds);
    }
}

static void models_are_found(void **state) {
    (void)state;
    Str removes[] = {STR("pkg.Bus.unsubscribe")};
    Model all[] = {{STR("pkg.Bus.subscribe"), removes, 1, false, 0},
                   {STR("pkg.hooks.add"), NULL, 0, true, 1}};
    Models models = {all, 2};
    assert_ptr_equal(models_find(&models, STR("pkg.hooks.add")), &all[1]);
    assert_null(models_find(&models, STR("pkg.Bus.unsubscribe")));
    assert_null(models_find(NULL, STR("pkg.hooks.add")));
    assert_true(models_have_method(&models, STR("subscribe")));
    assert_false(models_have_method(&models, STR("pkg.Bus.subscribe")));
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
    const ResourceRow *resources = know_resources(&n);
    for (u32 i = 0; i < n; i++)
        assert_ptr_equal(know_resource(str_from(resources[i].name)), &resources[i]);
    const ClassRow *results = know_results(&n);
    for (u32 i = 0; i < n; i++)
        assert_true(str_is(know_result_class(str_from(results[i].name)), results[i].class_name));
}

/* Every effect is among the rows of its name, which stand in one table. */
static void every_effect_is_found(void **state) {
    (void)state;
    for (u32 table = 0; table < EFFECT_TABLES; table++) {
        u32 n;
        const EffectRow *effects = know_effect_rows(table, &n);
        for (u32 i = 0; i < n; i++) {
            u32 rows;
            const EffectRow *found = know_effects(str_from(effects[i].name), &rows);
            assert_non_null(found);
            assert_true(found <= &effects[i] && &effects[i] < found + rows);
        }
    }
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
    assert_null(know_resource(STR("builtins.print")));
    const char *const names[] = {
        "",           "partial", "functools.partials", "threading.Timer.nothing",
        "threading.", ".start",  "zzz.last",           ".__init__"};
    for (u32 i = 0; i < ARRAY_LEN(names); i++) {
        u32 rows = 1;
        assert_null(know_effects(str_from(names[i]), &rows));
        assert_int_equal(rows, 0);
        assert_int_equal(know_result_class(str_from(names[i])).n, 0);
    }
    char longest[600];
    memset(longest, 'a', sizeof longest);
    longest[300] = '.';
    u32 rows;
    assert_null(know_effects((Str){longest, sizeof longest}, &rows));
    assert_int_equal(know_result_class((Str){longest, sizeof longest}).n, 0);
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

static void assert_token(const EffectRow *row, Str token) {
    const char *const WORDS[] = {"*", "**", "@self", "@result"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(token, WORDS[i])) return;
    assert_true(token.n > 0);
    if (token.p[0] >= '0' && token.p[0] <= '9') { /* one digit, and perhaps a plus */
        assert_true(token.n == 1 || (token.n == 2 && token.p[1] == '+'));
        return;
    }
    for (u32 i = 0; i < token.n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", token.p[i]))
            fail_msg("%s: what is \"%.*s\"?", row->name, STR_ARG(token));
}

/* What goes together in rows of effects. */
static void effects_are_whole(void **state) {
    (void)state;
    for (u32 table = 0; table < EFFECT_TABLES; table++) {
        u32 n;
        const EffectRow *effects = know_effect_rows(table, &n);
        for (u32 i = 0; i < n; i++) {
            const EffectRow *row = &effects[i];
            bool removes = row->flags & EFFECT_REMOVES;
            assert_int_equal(removes, row->holder == HELD_BY_NOBODY);
            if (!removes) assert_int_equal(row->holder == HELD_BY_ARGUMENT, row->holder_index >= 0);
            assert_true(removes || row->held[0]);
            assert_true(row->how[0]);
            if (row->flags & EFFECT_ASSIGN) assert_string_equal(row->held, "0");
            if (row->flags & EFFECT_WEAK_KEYWORD) assert_true(row->flags & EFFECT_WEAK);
            assert_false(row->flags & EFFECT_BLIND && row->flags & EFFECT_WEAK);
            if (effect_before(row)) assert_true(effect_since(row) < effect_before(row));
            for (Str rest = str_from(row->held); rest.n;) {
                i64 comma = str_find(rest, ',');
                u32 end = comma < 0 ? rest.n : (u32)comma;
                assert_token(row, str_sub(rest, 0, end));
                rest = str_sub(rest, comma < 0 ? end : end + 1, rest.n);
            }
        }
    }
}

static const EffectRow *effect_of(const char *name) {
    u32 n;
    const EffectRow *row = know_effects(str_from(name), &n);
    assert_non_null(row);
    return row;
}

static void arguments_are_named(void **state) {
    (void)state;
    const EffectRow *thread = effect_of("threading.Thread");
    assert_true(effect_has_position(thread, 1));
    assert_false(effect_has_position(thread, 2));
    assert_true(effect_has_keyword(thread, STR("target")));
    assert_false(effect_has_keyword(thread, STR("tar")));
    assert_false(effect_has_keyword(thread, STR("name")));
    assert_false(effect_has_receiver(thread));
    const EffectRow *later = effect_of("asyncio.AbstractEventLoop.call_later");
    assert_false(effect_has_position(later, 0));
    assert_true(effect_has_position(later, 1));
    assert_true(effect_has_position(later, 12));
    const EffectRow *exit = effect_of("atexit.register");
    assert_true(effect_has_position(exit, 0) && effect_has_position(exit, 7));
    assert_true(effect_has_keyword(exit, STR("anything")));
    assert_true(effect_has_receiver(effect_of("threading.Thread.start")));
    assert_true(effect_has_result(effect_of("logging.getLogger")));
    assert_false(effect_has_result(exit));
    assert_false(effect_has_result(effect_of("concurrent.futures.Future.set_result")));
    const EffectRow *collation = effect_of("sqlite3.Connection.create_collation");
    assert_int_equal(effect_since(collation), 0);
    assert_int_equal(effect_before(collation), 10);
    assert_int_equal(effect_since(collation + 1), 10);
}

static void classes_lead_to_their_bases(void **state) {
    (void)state;
    assert_string_equal(effect_of("threading.Timer.start")->name, "threading.Thread.start");
    assert_string_equal(effect_of("logging.handlers.RotatingFileHandler.addFilter")->name,
                        "logging.Filterer.addFilter");
    assert_string_equal(effect_of("threading.Thread.__init__")->name, "threading.Thread");
    assert_string_equal(effect_of("tkinter.Tk.protocol")->name, "tkinter.Wm.protocol");
    assert_string_equal(effect_of("logging.root.addHandler")->name, "logging.Logger.addHandler");
    assert_true(str_is(know_result_class(STR("threading.Timer")), "threading.Timer"));
    assert_true(str_is(know_result_class(STR("sqlite3.connect")), "sqlite3.Connection"));
    assert_true(str_is(know_result_class(STR("sqlite3.Connection")), "sqlite3.Connection"));
    assert_true(str_is(know_result_class(STR("concurrent.futures.ThreadPoolExecutor.submit")),
                       "concurrent.futures.Future"));
    assert_int_equal(know_result_class(STR("builtins.len")).n, 0);
    assert_true(str_is(know_base_class(STR("tkinter.Tk"), 1), "tkinter.Wm"));
    assert_int_equal(know_base_class(STR("tkinter.Tk"), 2).n, 0);
}

static void resources_are_released(void **state) {
    (void)state;
    const ResourceRow *popen = know_resource(STR("subprocess.Popen"));
    assert_non_null(popen);
    assert_true(resource_has_release(popen, STR("wait")));
    assert_true(resource_has_release(popen, STR("communicate")));
    assert_false(resource_has_release(popen, STR("comm")));
    assert_false(resource_has_release(popen, STR("")));
    assert_true(resource_has_release(know_resource(STR("os.open")), STR("os.close")));
    u32 n;
    const ResourceRow *resources = know_resources(&n);
    for (u32 i = 0; i < n; i++) {
        assert_true(resources[i].kind != RESOURCE_NONE && resources[i].releases[0]);
        assert_string_not_equal(resource_text(resources[i].kind), "resource");
    }
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
        cmocka_unit_test(tables_are_sorted),
        cmocka_unit_test(served_is_told),
        cmocka_unit_test(every_row_is_found),
        cmocka_unit_test(every_effect_is_found),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(effects_are_whole),
        cmocka_unit_test(arguments_are_named),
        cmocka_unit_test(classes_lead_to_their_bases),
        cmocka_unit_test(resources_are_released),
        cmocka_unit_test(kinds_decide),
        cmocka_unit_test(tables_are_sorted),
        cmocka_unit_test(pairs_are_found),
        cmocka_unit_test(listening_is_told_by_names),
        cmocka_unit_test(pairs_agree_with_effects),
        cmocka_unit_test(models_are_found),
        cmocka_unit_test(every_row_is_found),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(kinds_decide),
        cmocka_unit_test(names_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
