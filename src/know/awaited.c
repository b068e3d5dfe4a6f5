/* Packages of which every wait ends with a transport, a timer or a thread: the event loop (or the
 * executor) refers to what wakes the waiting task, so that the task lives until it is done. Clients
 * of HTTP and of databases wait for their sockets, and keep those who wait for a free connection in
 * their pools; files, and what is driven from threads, wait for an executor, whose queue refers to
 * the future. Frameworks that call code of users are not here, nor are their test doubles. Source:
 * the packages' own code. */
#include "know/know.h"
#include "know/table.h"

typedef struct AwaitedRow {
    const char *name; /* of a package, module or class: what is below it counts, too */
} AwaitedRow;

/* One row a line. */
/* clang-format off */
static const AwaitedRow awaited[] = {
    {"aioboto3"},             /* aiohttp */
    {"aiobotocore"},          /* aiohttp */
    {"aiofile"},              /* threads */
    {"aiofiles"},             /* an executor */
    {"aiohttp.ClientSession"}, /* sockets; a pool, whose waiters it keeps */
    {"aiohttp.ClientWebSocketResponse"},
    {"aiohttp.request"},
    {"aiohttp.web.StreamResponse"}, /* the transport of the request */
    {"aiohttp.web.WebSocketResponse"},
    {"aiomysql"},
    {"aiopg"},
    {"aioredis"},
    {"aiosmtplib"},
    {"aiosqlite"},            /* a thread */
    {"anyio.sleep"},
    {"anyio.to_thread"},
    {"asyncio.open_connection"},
    {"asyncio.open_unix_connection"},
    {"asyncio.sleep"},
    {"asyncio.streams.StreamReader"},
    {"asyncio.streams.StreamWriter"},
    {"asyncio.to_thread"},
    {"asyncio.wait_for"},     /* unless its timeout is None */
    {"asyncmy"},
    {"asyncpg"},
    {"beanie"},               /* motor */
    {"databases"},            /* the drivers above */
    {"elasticsearch.AsyncElasticsearch"},
    {"fastapi.WebSocket"},    /* the transport of the server */
    {"grpc.aio"},             /* a thread that polls for the calls under way */
    {"httpcore"},
    {"httpx"},
    {"motor"},                /* threads */
    {"neo4j.AsyncGraphDatabase"},
    {"openai.AsyncOpenAI"},   /* httpx */
    {"psycopg"},              /* the loop watches the socket */
    {"pymongo"},
    {"redis"},
    {"sqlalchemy"},           /* the drivers above */
    {"sqlmodel"},
    {"starlette.websockets.WebSocket"},
    {"tortoise"},             /* the drivers above */
    {"websockets"},           /* sockets */
};
/* clang-format on */

const char *know_awaited_name(u32 i) {
    return i < ARRAY_LEN(awaited) ? awaited[i].name : NULL;
}

bool know_is_held_by_loop(Str canonical) {
    u32 n = ARRAY_LEN(awaited);
    for (Str name = canonical; name.n;) {
        if (table_find(awaited, n, sizeof awaited[0], name) < n) return true;
        i64 dot = str_rfind(name, '.');
        name = str_sub(name, 0, dot < 0 ? 0 : (u32)dot);
    }
    return false;
}
