/* Words that tell what an object is where types do not: names of variables, ends of class names,
 * and annotations whose values are harmless. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const WordRow words[] = {
    {"Connection", WORD_REQUEST_TYPE},
    {"DoesNotExist", WORD_EXCEPTION_TYPE},
    {"Error", WORD_EXCEPTION_TYPE},
    {"Exception", WORD_EXCEPTION_TYPE},
    {"ExceptionGroup", WORD_EXCEPTION_TYPE},
    {"Exit", WORD_EXCEPTION_TYPE},
    {"Interrupt", WORD_EXCEPTION_TYPE},
    {"Message", WORD_REQUEST_TYPE},
    {"PIL.Image.Image", WORD_LARGE_TYPE},
    {"Packet", WORD_REQUEST_TYPE},
    {"Request", WORD_REQUEST_TYPE},
    {"Response", WORD_REQUEST_TYPE},
    {"Session", WORD_REQUEST_TYPE},
    {"Socket", WORD_REQUEST_TYPE},
    {"Span", WORD_REQUEST_TYPE}, /* of a trace */
    {"StopAsyncIteration", WORD_EXCEPTION_TYPE},
    {"StopIteration", WORD_EXCEPTION_TYPE},
    {"StreamReader", WORD_REQUEST_TYPE},
    {"StreamWriter", WORD_REQUEST_TYPE},
    {"Timeout", WORD_EXCEPTION_TYPE},
    {"Transport", WORD_REQUEST_TYPE},
    {"Warning", WORD_EXCEPTION_TYPE},
    {"WebSocket", WORD_REQUEST_TYPE},
    {"WebSocketClientProtocol", WORD_REQUEST_TYPE},
    {"WebSocketConnection", WORD_REQUEST_TYPE},
    {"WebSocketServerProtocol", WORD_REQUEST_TYPE},
    {"Websocket", WORD_REQUEST_TYPE},
    {"apply_async", WORD_TASK_METHOD},
    {"asyncio.Event", WORD_NOT_REQUEST_TYPE},
    {"builtins.bool", WORD_CLOSED_TYPE | WORD_PLAIN_TYPE},
    {"builtins.bytearray", WORD_PLAIN_TYPE | WORD_LARGE_TYPE},
    {"builtins.bytes", WORD_PLAIN_TYPE},
    {"builtins.complex", WORD_PLAIN_TYPE},
    {"builtins.float", WORD_PLAIN_TYPE},
    {"builtins.int", WORD_PLAIN_TYPE},
    {"builtins.long", WORD_PLAIN_TYPE},
    {"builtins.memoryview", WORD_LARGE_TYPE},
    {"builtins.str", WORD_PLAIN_TYPE},
    {"builtins.type", WORD_CLOSED_TYPE | WORD_PLAIN_TYPE},
    {"builtins.unicode", WORD_PLAIN_TYPE},
    {"cachetools.keys.methodkey", WORD_KEY_FUNCTION},
    {"cachetools.keys.typedmethodkey", WORD_KEY_FUNCTION},
    {"cachetools.methodkey", WORD_KEY_FUNCTION},
    {"call_at", WORD_TASK_METHOD},
    {"call_later", WORD_TASK_METHOD},
    {"call_soon", WORD_TASK_METHOD},
    {"call_soon_threadsafe", WORD_TASK_METHOD},
    {"channel", WORD_REQUEST},
    {"client", WORD_REQUEST},
    {"conn", WORD_REQUEST},
    {"connection", WORD_REQUEST},
    {"create_task", WORD_TASK_METHOD},
    {"cupy.ndarray", WORD_LARGE_TYPE},
    {"datagram", WORD_REQUEST},
    {"datetime.date", WORD_PLAIN_TYPE},
    {"datetime.datetime", WORD_PLAIN_TYPE},
    {"datetime.time", WORD_PLAIN_TYPE},
    {"datetime.timedelta", WORD_PLAIN_TYPE},
    {"decimal.Decimal", WORD_PLAIN_TYPE},
    {"email.message.EmailMessage", WORD_NOT_REQUEST_TYPE},
    {"email.message.Message", WORD_NOT_REQUEST_TYPE},
    {"ensure_future", WORD_TASK_METHOD},
    {"enum.Enum", WORD_CLOSED_TYPE},
    {"enum.Flag", WORD_CLOSED_TYPE},
    {"enum.IntEnum", WORD_CLOSED_TYPE},
    {"enum.IntFlag", WORD_CLOSED_TYPE},
    {"enum.StrEnum", WORD_CLOSED_TYPE},
    {"envelope", WORD_REQUEST},
    {"event", WORD_REQUEST},
    {"fractions.Fraction", WORD_PLAIN_TYPE},
    {"guid", WORD_ID},
    {"id", WORD_ID},
    {"ident", WORD_ID},
    {"ipaddress.IPv4Address", WORD_PLAIN_TYPE},
    {"ipaddress.IPv6Address", WORD_PLAIN_TYPE},
    {"jax.Array", WORD_LARGE_TYPE},
    {"job", WORD_REQUEST},
    {"map_async", WORD_TASK_METHOD},
    {"message", WORD_REQUEST},
    {"mmap.mmap", WORD_LARGE_TYPE},
    {"msg", WORD_REQUEST},
    {"multiprocessing.Event", WORD_NOT_REQUEST_TYPE},
    {"multiprocessing.shared_memory.SharedMemory", WORD_LARGE_TYPE},
    {"nonce", WORD_ID},
    {"numpy.ndarray", WORD_LARGE_TYPE},
    {"oid", WORD_ID},
    {"packet", WORD_REQUEST},
    {"pandas.DataFrame", WORD_LARGE_TYPE},
    {"pandas.Series", WORD_LARGE_TYPE},
    {"pathlib.Path", WORD_PLAIN_TYPE},
    {"pathlib.PurePath", WORD_PLAIN_TYPE},
    {"peer", WORD_REQUEST},
    {"pid", WORD_ID},
    {"pk", WORD_ID},
    {"polars.DataFrame", WORD_LARGE_TYPE},
    {"pyarrow.Table", WORD_LARGE_TYPE},
    {"re.Pattern", WORD_PLAIN_TYPE},
    {"req", WORD_REQUEST},
    {"request", WORD_REQUEST},
    {"response", WORD_REQUEST},
    {"run_coroutine_threadsafe", WORD_TASK_METHOD},
    {"run_in_executor", WORD_TASK_METHOD},
    {"sess", WORD_REQUEST},
    {"session", WORD_REQUEST},
    {"sid", WORD_ID},
    {"sock", WORD_REQUEST},
    {"socket", WORD_REQUEST | WORD_REQUEST_TYPE},
    {"spawn", WORD_TASK_METHOD},
    {"spawn_later", WORD_TASK_METHOD},
    {"starmap_async", WORD_TASK_METHOD},
    {"start_soon", WORD_TASK_METHOD},
    {"submit", WORD_TASK_METHOD},
    {"task", WORD_REQUEST},
    {"tensorflow.Tensor", WORD_LARGE_TYPE},
    {"threading.Event", WORD_NOT_REQUEST_TYPE},
    {"tid", WORD_ID},
    {"timestamp", WORD_ID},
    {"token", WORD_ID},
    {"torch.Tensor", WORD_LARGE_TYPE},
    {"torch.nn.Module", WORD_LARGE_TYPE},
    {"transport", WORD_REQUEST},
    {"types.ModuleType", WORD_CLOSED_TYPE},
    {"types.NoneType", WORD_CLOSED_TYPE | WORD_PLAIN_TYPE},
    {"typing.AnyStr", WORD_PLAIN_TYPE},
    {"typing.Literal", WORD_CLOSED_TYPE | WORD_PLAIN_TYPE},
    {"typing.Text", WORD_PLAIN_TYPE},
    {"typing.Type", WORD_CLOSED_TYPE},
    {"typing_extensions.Literal", WORD_CLOSED_TYPE | WORD_PLAIN_TYPE},
    {"uid", WORD_ID},
    {"user", WORD_REQUEST},
    {"uuid", WORD_ID},
    {"uuid.UUID", WORD_PLAIN_TYPE},
    {"websocket", WORD_REQUEST},
    {"ws", WORD_REQUEST},
};
/* clang-format on */

const WordRow *know_words(u32 *n) {
    *n = ARRAY_LEN(words);
    return words;
}

static bool is_word(Str word, u32 flag) {
    u32 n = ARRAY_LEN(words);
    u32 i = table_find(words, n, sizeof words[0], word);
    return i < n && words[i].flags & flag;
}

/* The whole name or what follows its last underscore: `new_request`, `_conn`. */
static bool is_last_word(Str name, u32 flag) {
    return is_word(name, flag) || is_word(str_after_last(name, '_'), flag);
}

bool know_is_request_name(Str name) {
    return is_last_word(name, WORD_REQUEST);
}

bool know_is_id_name(Str name) {
    return is_last_word(name, WORD_ID);
}

/* Start of the last capitalised word of a class name: `HTTPRequest` -> `Request`. */
static u32 last_capital(Str name) {
    u32 i = name.n;
    while (i > 0 && (name.p[i - 1] < 'A' || name.p[i - 1] > 'Z')) i--;
    return i ? i - 1 : 0;
}

bool know_is_request_type(Str canonical) {
    if (is_word(canonical, WORD_NOT_REQUEST_TYPE)) return false;
    Str bare = str_after_last(canonical, '.');
    if (is_word(bare, WORD_REQUEST_TYPE)) return true;
    u32 last = last_capital(bare);
    return is_word(str_sub(bare, last, bare.n), WORD_REQUEST_TYPE);
}

bool know_is_exception_type(Str canonical) {
    Str bare = str_after_last(canonical, '.');
    if (is_word(bare, WORD_EXCEPTION_TYPE)) return true;
    u32 last = last_capital(bare);
    return is_word(str_sub(bare, last, bare.n), WORD_EXCEPTION_TYPE);
}

bool know_is_large_type(Str canonical) {
    return is_word(canonical, WORD_LARGE_TYPE);
}

bool know_is_task_method(Str method) {
    return is_word(method, WORD_TASK_METHOD);
}

bool know_is_closed_type(Str canonical) {
    return is_word(canonical, WORD_CLOSED_TYPE);
}

bool know_is_plain_type(Str canonical) {
    return is_word(canonical, WORD_PLAIN_TYPE);
}

bool know_is_key_without_self(Str canonical) {
    return is_word(canonical, WORD_KEY_FUNCTION);
}
