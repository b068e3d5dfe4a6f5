/* What frameworks call once for each request, message, connection or job: decorated functions,
 * methods of their base classes, functions that are given to them. Sources: the manuals of aiogram,
 * aiohttp, aiokafka, Bottle, Celery, Channels, CherryPy, discord.py, Django and its REST framework,
 * Dramatiq, Falcon, FastAPI, FastStream, Flask and its extensions, grpcio, huey, paho-mqtt, pika,
 * python-socketio, python-telegram-bot, Sanic, Scrapy, Starlette, Telethon, Tornado, Twisted,
 * watchdog, websockets; CPython's asyncio, http.server, logging, socketserver. */
#include "know/know.h"
#include "know/table.h"

#include <string.h>

/* clang-format off: one row a line */
static const ServedRow served[] = {
    /* last name of the decorator or function, what it is, argument, keyword */
    {"CallbackQueryHandler", SERVED_GIVEN, 0, "callback"}, /* telegram.ext */
    {"CommandHandler", SERVED_GIVEN, 1, "callback"},
    {"MessageHandler", SERVED_GIVEN, 1, "callback"},
    {"actor", SERVED_DECORATED, -1, NULL}, /* dramatiq */
    {"add_api_route", SERVED_GIVEN, 1, "endpoint"},
    {"add_api_websocket_route", SERVED_GIVEN, 1, "endpoint"},
    {"add_delete", SERVED_GIVEN, 1, "handler"}, /* aiohttp */
    {"add_get", SERVED_GIVEN, 1, "handler"},
    {"add_patch", SERVED_GIVEN, 1, "handler"},
    {"add_post", SERVED_GIVEN, 1, "handler"},
    {"add_put", SERVED_GIVEN, 1, "handler"},
    {"add_url_rule", SERVED_GIVEN, 2, "view_func"}, /* Flask */
    {"add_websocket_route", SERVED_GIVEN, 1, "route"},
    {"after_request", SERVED_DECORATED, -1, NULL},
    {"agent", SERVED_OF_APP, -1, NULL}, /* faust */
    {"any", SERVED_ROUTE, 0, NULL},
    {"api_route", SERVED_ROUTE, 0, "path"},
    {"api_view", SERVED_DECORATED, -1, NULL},                  /* rest_framework */
    {"basic_consume", SERVED_GIVEN, 1, "on_message_callback"}, /* pika */
    {"before_request", SERVED_DECORATED, -1, NULL},
    {"callback_query", SERVED_OF_APP, -1, NULL},
    {"callback_query_handler", SERVED_DECORATED, -1, NULL},
    {"command", SERVED_OF_APP, -1, NULL},
    {"csrf_exempt", SERVED_DECORATED, -1, NULL},
    {"delete", SERVED_ROUTE, 0, NULL},
    {"errorhandler", SERVED_DECORATED, -1, NULL},
    {"event", SERVED_OF_APP, -1, NULL}, /* discord.py, python-socketio */
    {"exception_handler", SERVED_DECORATED, -1, NULL},
    {"expose", SERVED_DECORATED, -1, NULL}, /* CherryPy */
    {"get", SERVED_ROUTE, 0, NULL},
    {"head", SERVED_ROUTE, 0, NULL},
    {"hybrid_command", SERVED_DECORATED, -1, NULL},
    {"login_required", SERVED_DECORATED, -1, NULL},
    {"message", SERVED_OF_APP, -1, NULL},
    {"message_callback_add", SERVED_GIVEN, 1, "callback"}, /* paho */
    {"message_handler", SERVED_DECORATED, -1, NULL},
    {"on", SERVED_OF_APP, -1, NULL},
    {"on_message", SERVED_DECORATED, -1, NULL},
    {"options", SERVED_ROUTE, 0, NULL},
    {"patch", SERVED_ROUTE, 0, NULL},
    {"path", SERVED_GIVEN, 1, "view"}, /* django.urls */
    {"periodic_task", SERVED_DECORATED, -1, NULL},
    {"permission_required", SERVED_DECORATED, -1, NULL},
    {"post", SERVED_ROUTE, 0, NULL},
    {"put", SERVED_ROUTE, 0, NULL},
    {"re_path", SERVED_GIVEN, 1, "view"},
    {"require_GET", SERVED_DECORATED, -1, NULL},
    {"require_POST", SERVED_DECORATED, -1, NULL},
    {"require_http_methods", SERVED_DECORATED, -1, NULL},
    {"route", SERVED_ROUTE, 0, "path"},
    {"serve", SERVED_GIVEN, 0, "handler"},       /* websockets */
    {"shared_task", SERVED_DECORATED, -1, NULL}, /* Celery */
    {"slash_command", SERVED_DECORATED, -1, NULL},
    {"start_server", SERVED_GIVEN, 0, "client_connected_cb"}, /* asyncio */
    {"start_unix_server", SERVED_GIVEN, 0, "client_connected_cb"},
    {"subscriber", SERVED_OF_APP, -1, NULL}, /* FastStream */
    {"task", SERVED_OF_APP, -1, NULL},
    {"teardown_request", SERVED_DECORATED, -1, NULL},
    {"tool", SERVED_OF_APP, -1, NULL}, /* mcp */
    {"url", SERVED_GIVEN, 1, "view"},
    {"websocket", SERVED_ROUTE, 0, "path"},
    {"websocket_route", SERVED_ROUTE, 0, "path"},
};

#define VERBS "delete get head options patch post put"

static const ServingRow serving[] = {
    /* last name of the base class, start of its full name, its methods; one that ends with an
     * underscore is the start of a name */
    {"APIView", "rest_framework.", VERBS},
    {"AsyncConsumer", "channels.", "dispatch"},
    {"AsyncJsonWebsocketConsumer", "channels.", "connect disconnect receive receive_json"},
    {"AsyncWebsocketConsumer", "channels.", "connect disconnect receive"},
    {"BaseHTTPRequestHandler", "", "do_"},
    {"BaseProtocol", "asyncio.", "connection_made connection_lost"},
    {"BaseRequestHandler", "", "handle setup finish"},
    {"Bot", "discord.", "on_"},
    {"Client", "discord.", "on_"},
    {"DatagramProtocol", "", "datagram_received datagramReceived"},
    {"DatagramRequestHandler", "", "handle setup finish"},
    {"FileSystemEventHandler", "watchdog.", "on_"},
    {"HTTPEndpoint", "starlette.", VERBS},
    {"Handler", "logging.", "emit"},
    {"JsonWebsocketConsumer", "channels.", "connect disconnect receive receive_json"},
    {"LineReceiver", "twisted.", "lineReceived connectionMade connectionLost"},
    {"MethodView", "flask.", VERBS},
    {"Protocol", "asyncio.", "connection_made connection_lost data_received"},
    {"Protocol", "twisted.", "connectionMade connectionLost dataReceived"},
    {"RequestHandler", "tornado.", VERBS " prepare on_finish"},
    {"Resource", "flask_rest", VERBS},
    {"Resource", "twisted.web.", "render render_"},
    {"SimpleHTTPRequestHandler", "", "do_"},
    {"Spider", "scrapy.", "parse parse_"},
    {"StreamRequestHandler", "", "handle setup finish"},
    {"View", "aiohttp.", VERBS},
    {"View", "django.", VERBS},
    {"WebSocketEndpoint", "starlette.", "on_connect on_receive on_disconnect"},
    {"WebSocketHandler", "tornado.", "open on_message on_close"},
    {"WebsocketConsumer", "channels.", "connect disconnect receive"},
};
/* clang-format on */

const ServedRow *know_served_rows(u32 *n) {
    *n = ARRAY_LEN(served);
    return served;
}

const ServingRow *know_serving_rows(u32 *n) {
    *n = ARRAY_LEN(serving);
    return serving;
}

const ServedRow *know_served(Str name) {
    u32 n = ARRAY_LEN(served);
    u32 i = table_find(served, n, sizeof served[0], name);
    return i < n ? &served[i] : NULL;
}

static bool has_method(const char *methods, Str name) {
    while (*methods) {
        size_t n = strcspn(methods, " ");
        Str each = {methods, (u32)n};
        bool is_start = n && methods[n - 1] == '_';
        if (is_start ? name.n > n && memcmp(name.p, each.p, n) == 0 : str_eq(name, each))
            return true;
        methods += n + (methods[n] == ' ');
    }
    return false;
}

bool know_is_serving_base(Str base) {
    Str last = str_after_last(base, '.');
    u32 n = ARRAY_LEN(serving);
    return str_ends(last, "Servicer") || table_find(serving, n, sizeof serving[0], last) < n;
}

bool know_is_serving(Str base, Str method) {
    Str last = str_after_last(base, '.');
    u32 n = ARRAY_LEN(serving);
    if (str_ends(last, "Servicer")) return !str_starts(method, "_"); /* gRPC */
    for (u32 i = table_find(serving, n, sizeof serving[0], last);
         i < n && str_is(last, serving[i].base); i++)
        if (str_starts(base, serving[i].package) && has_method(serving[i].methods, method))
            return true;
    return false;
}

bool know_is_made_per_request(Str base) {
    static const char *const LASTING[] = {"BaseProtocol",
                                          "Bot",
                                          "Client",
                                          "DatagramProtocol",
                                          "FileSystemEventHandler",
                                          "Handler",
                                          "Protocol",
                                          "Resource",
                                          "Spider"};
    Str last = str_after_last(base, '.');
    u32 n = ARRAY_LEN(serving);
    bool is_twisted = str_is(last, "Protocol") && str_starts(base, "twisted.");
    if (str_is_any(last, LASTING, ARRAY_LEN(LASTING)) && !is_twisted) return false;
    for (u32 i = table_find(serving, n, sizeof serving[0], last);
         i < n && str_is(last, serving[i].base); i++)
        if (str_starts(base, serving[i].package)) return true;
    return false;
}

bool know_is_app_name(Str name) {
    static const char *const WORDS[] = {"api",        "app",    "blueprint", "bot",      "bp",
                                        "broker",     "celery", "client",    "cog",      "commands",
                                        "dispatcher", "dp",     "huey",      "mcp",      "router",
                                        "routes",     "server", "sio",       "socketio", "tree"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(name, WORDS[i]) || str_ends(name, WORDS[i])) return true;
    return false;
}

bool know_is_sent_name(Str attribute) {
    static const char *const NAMES[] = {
        "COOKIES",          "GET",          "META",      "POST",
        "accept_languages", "args",         "client",    "client_addr",
        "cookies",          "form",         "forms",     "full_path",
        "headers",          "host",         "languages", "match_info",
        "params",           "path",         "path_info", "path_params",
        "path_qs",          "path_url",     "query",     "query_arguments",
        "query_params",     "query_string", "raw_path",  "referer",
        "referrer",         "rel_url",      "remote",    "remote_addr",
        "remote_ip",        "uri",          "url",       "user_agent",
        "values",           "view_args"};
    return str_is_any(attribute, NAMES, ARRAY_LEN(NAMES));
}

bool know_is_request_proxy(Str canonical) {
    static const char *const NAMES[] = {"bottle.request", "cherrypy.request",        "flask.g",
                                        "flask.request",  "flask.session",           "quart.g",
                                        "quart.request",  "flask_login.current_user"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++) {
        u32 n = (u32)strlen(NAMES[i]);
        if (str_starts(canonical, NAMES[i]) && (canonical.n == n || canonical.p[n] == '.'))
            return true;
    }
    return false;
}
