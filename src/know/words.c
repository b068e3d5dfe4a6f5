/* Words that tell what an object is where types do not: names of variables, ends of class names,
 * and annotations whose values are harmless. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const WordRow words[] = {
    {"Adapter", WORD_MANAGER_TYPE},
    {"Analyser", WORD_BRIEF_TYPE},
    {"Analyzer", WORD_BRIEF_TYPE},
    {"App", WORD_MANAGER_TYPE},
    {"Application", WORD_MANAGER_TYPE},
    {"Array", WORD_BRIEF_TYPE},
    {"Axes", WORD_BRIEF_TYPE},
    {"Block", WORD_BRIEF_TYPE},
    {"Bot", WORD_MANAGER_TYPE},
    {"Broker", WORD_MANAGER_TYPE},
    {"Buffer", WORD_BRIEF_TYPE},
    {"Builder", WORD_BRIEF_TYPE},
    {"Bus", WORD_MANAGER_TYPE},
    {"Case", WORD_BRIEF_TYPE},
    {"Checker", WORD_BRIEF_TYPE},
    {"Class", WORD_BRIEF_TYPE},
    {"Client", WORD_MANAGER_TYPE},
    {"Cluster", WORD_MANAGER_TYPE},
    {"Collector", WORD_BRIEF_TYPE},
    {"Column", WORD_BRIEF_TYPE},
    {"Command", WORD_BRIEF_TYPE},
    {"Compiler", WORD_BRIEF_TYPE},
    {"Config", WORD_BRIEF_TYPE},
    {"Configuration", WORD_BRIEF_TYPE},
    {"Connection", WORD_REQUEST_TYPE | WORD_MANAGER_TYPE},
    {"Consumer", WORD_MANAGER_TYPE},
    {"Context", WORD_BRIEF_TYPE},
    {"Controller", WORD_MANAGER_TYPE},
    {"Converter", WORD_BRIEF_TYPE},
    {"Coordinator", WORD_MANAGER_TYPE},
    {"Cursor", WORD_BRIEF_TYPE},
    {"Daemon", WORD_MANAGER_TYPE},
    {"Dataset", WORD_BRIEF_TYPE},
    {"Decoder", WORD_BRIEF_TYPE},
    {"Definition", WORD_BRIEF_TYPE},
    {"Deserializer", WORD_BRIEF_TYPE},
    {"Dict", WORD_BRIEF_TYPE},
    {"Diff", WORD_BRIEF_TYPE},
    {"Dispatcher", WORD_MANAGER_TYPE},
    {"Distribution", WORD_BRIEF_TYPE},
    {"Document", WORD_BRIEF_TYPE},
    {"DoesNotExist", WORD_EXCEPTION_TYPE},
    {"Dumper", WORD_BRIEF_TYPE},
    {"Element", WORD_BRIEF_TYPE},
    {"Encoder", WORD_BRIEF_TYPE},
    {"Entry", WORD_BRIEF_TYPE},
    {"Error", WORD_EXCEPTION_TYPE},
    {"Estimator", WORD_BRIEF_TYPE},
    {"Event", WORD_BRIEF_TYPE},
    {"Exception", WORD_EXCEPTION_TYPE},
    {"ExceptionGroup", WORD_EXCEPTION_TYPE},
    {"Exchange", WORD_MANAGER_TYPE},
    {"Exit", WORD_EXCEPTION_TYPE},
    {"Exporter", WORD_BRIEF_TYPE},
    {"Expression", WORD_BRIEF_TYPE},
    {"Extractor", WORD_BRIEF_TYPE},
    {"Field", WORD_BRIEF_TYPE},
    {"Figure", WORD_BRIEF_TYPE},
    {"Finder", WORD_BRIEF_TYPE},
    {"Fixture", WORD_BRIEF_TYPE},
    {"Form", WORD_BRIEF_TYPE},
    {"Formatter", WORD_BRIEF_TYPE},
    {"Frame", WORD_BRIEF_TYPE},
    {"Function", WORD_BRIEF_TYPE},
    {"Gateway", WORD_MANAGER_TYPE},
    {"Generator", WORD_BRIEF_TYPE},
    {"Grammar", WORD_BRIEF_TYPE},
    {"Graph", WORD_BRIEF_TYPE},
    {"Hub", WORD_MANAGER_TYPE},
    {"Importer", WORD_BRIEF_TYPE},
    {"Info", WORD_BRIEF_TYPE},
    {"Inspector", WORD_BRIEF_TYPE},
    {"Interrupt", WORD_EXCEPTION_TYPE},
    {"Item", WORD_BRIEF_TYPE},
    {"Iterator", WORD_BRIEF_TYPE},
    {"Lexer", WORD_BRIEF_TYPE},
    {"Linter", WORD_BRIEF_TYPE},
    {"List", WORD_BRIEF_TYPE},
    {"Loader", WORD_BRIEF_TYPE},
    {"Manager", WORD_MANAGER_TYPE},
    {"Mapping", WORD_BRIEF_TYPE},
    {"Matrix", WORD_BRIEF_TYPE},
    {"Message", WORD_REQUEST_TYPE | WORD_BRIEF_TYPE},
    {"Method", WORD_BRIEF_TYPE},
    {"Migration", WORD_BRIEF_TYPE},
    {"Mock", WORD_BRIEF_TYPE},
    {"Model", WORD_BRIEF_TYPE},
    {"Module", WORD_BRIEF_TYPE},
    {"Node", WORD_BRIEF_TYPE},
    {"Operation", WORD_BRIEF_TYPE},
    {"Optimizer", WORD_BRIEF_TYPE},
    {"Options", WORD_BRIEF_TYPE},
    {"PIL.Image.Image", WORD_LARGE | WORD_LARGE_TYPE},
    {"PIL.Image.new", WORD_LARGE},
    {"PIL.Image.open", WORD_LARGE},
    {"Package", WORD_BRIEF_TYPE},
    {"Packet", WORD_REQUEST_TYPE},
    {"Parser", WORD_BRIEF_TYPE},
    {"Patch", WORD_BRIEF_TYPE},
    {"Plan", WORD_BRIEF_TYPE},
    {"Plot", WORD_BRIEF_TYPE},
    {"Pool", WORD_MANAGER_TYPE},
    {"Printer", WORD_BRIEF_TYPE},
    {"Producer", WORD_MANAGER_TYPE},
    {"Proxy", WORD_MANAGER_TYPE},
    {"Query", WORD_BRIEF_TYPE},
    {"Reader", WORD_BRIEF_TYPE},
    {"Record", WORD_BRIEF_TYPE},
    {"Recorder", WORD_BRIEF_TYPE},
    {"Registry", WORD_MANAGER_TYPE},
    {"Renderer", WORD_BRIEF_TYPE},
    {"Report", WORD_BRIEF_TYPE},
    {"Request", WORD_REQUEST_TYPE | WORD_BRIEF_TYPE},
    {"Response", WORD_REQUEST_TYPE | WORD_BRIEF_TYPE},
    {"Result", WORD_BRIEF_TYPE},
    {"Results", WORD_BRIEF_TYPE},
    {"Router", WORD_MANAGER_TYPE},
    {"Row", WORD_BRIEF_TYPE},
    {"Rule", WORD_BRIEF_TYPE},
    {"Scanner", WORD_BRIEF_TYPE},
    {"Scheduler", WORD_MANAGER_TYPE},
    {"Schema", WORD_BRIEF_TYPE},
    {"Scope", WORD_BRIEF_TYPE},
    {"Sequence", WORD_BRIEF_TYPE},
    {"Serializer", WORD_BRIEF_TYPE},
    {"Server", WORD_MANAGER_TYPE},
    {"Service", WORD_MANAGER_TYPE},
    {"Session", WORD_REQUEST_TYPE},
    {"Set", WORD_BRIEF_TYPE},
    {"Socket", WORD_REQUEST_TYPE},
    {"Span", WORD_REQUEST_TYPE}, /* of a trace */
    {"Spec", WORD_BRIEF_TYPE},
    {"Stack", WORD_BRIEF_TYPE},
    {"State", WORD_BRIEF_TYPE},
    {"Statement", WORD_BRIEF_TYPE},
    {"StopAsyncIteration", WORD_EXCEPTION_TYPE},
    {"StopIteration", WORD_EXCEPTION_TYPE},
    {"Stream", WORD_BRIEF_TYPE},
    {"StreamReader", WORD_REQUEST_TYPE},
    {"StreamWriter", WORD_REQUEST_TYPE},
    {"Stub", WORD_BRIEF_TYPE},
    {"Suite", WORD_BRIEF_TYPE},
    {"Summary", WORD_BRIEF_TYPE},
    {"Supervisor", WORD_MANAGER_TYPE},
    {"Symbol", WORD_BRIEF_TYPE},
    {"Template", WORD_BRIEF_TYPE},
    {"Test", WORD_BRIEF_TYPE},
    {"TestCase", WORD_BRIEF_TYPE},
    {"Timeout", WORD_EXCEPTION_TYPE},
    {"Token", WORD_BRIEF_TYPE},
    {"Tokenizer", WORD_BRIEF_TYPE},
    {"Transformer", WORD_BRIEF_TYPE},
    {"Translator", WORD_BRIEF_TYPE},
    {"Transport", WORD_REQUEST_TYPE},
    {"Tree", WORD_BRIEF_TYPE},
    {"Tuple", WORD_BRIEF_TYPE},
    {"Type", WORD_BRIEF_TYPE},
    {"Visitor", WORD_BRIEF_TYPE},
    {"Walker", WORD_BRIEF_TYPE},
    {"Warning", WORD_EXCEPTION_TYPE},
    {"WebSocket", WORD_REQUEST_TYPE},
    {"WebSocketClientProtocol", WORD_REQUEST_TYPE},
    {"WebSocketConnection", WORD_REQUEST_TYPE},
    {"WebSocketServerProtocol", WORD_REQUEST_TYPE},
    {"Websocket", WORD_REQUEST_TYPE},
    {"Widget", WORD_BRIEF_TYPE},
    {"Worker", WORD_MANAGER_TYPE},
    {"Writer", WORD_BRIEF_TYPE},
    {"account", WORD_LASTING},
    {"action", WORD_KIND},
    {"addBoth", WORD_REGISTERING},
    {"addCallback", WORD_REGISTERING},
    {"addErrback", WORD_REGISTERING},
    {"addEventListener", WORD_REGISTERING},
    {"addHandler", WORD_REGISTERING},
    {"addListener", WORD_REGISTERING},
    {"addObserver", WORD_REGISTERING},
    {"add_callback", WORD_REGISTERING},
    {"add_done_callback", WORD_REGISTERING},
    {"add_event_listener", WORD_REGISTERING},
    {"add_handler", WORD_REGISTERING},
    {"add_listener", WORD_REGISTERING},
    {"add_observer", WORD_REGISTERING},
    {"add_signal_handler", WORD_REGISTERING},
    {"app", WORD_LASTING},
    {"application", WORD_LASTING},
    {"apply_async", WORD_TASK_METHOD},
    {"array.array", WORD_LARGE},
    {"asyncio.Event", WORD_NOT_REQUEST_TYPE},
    {"asyncio.Handle", WORD_CODE},
    {"asyncio.Task", WORD_CODE},
    {"asyncio.TimerHandle", WORD_CODE},
    {"attach", WORD_REGISTERING},
    {"backref", WORD_BACK_REFERENCE},
    {"bind", WORD_REGISTERING},
    {"bot", WORD_LASTING},
    {"bucket", WORD_LASTING},
    {"builtins.bool", WORD_CLOSED_TYPE | WORD_PLAIN_TYPE},
    {"builtins.bytearray", WORD_PLAIN_TYPE | WORD_LARGE | WORD_LARGE_TYPE},
    {"builtins.bytes", WORD_PLAIN_TYPE | WORD_LARGE},
    {"builtins.complex", WORD_PLAIN_TYPE},
    {"builtins.enumerate", WORD_CODE},
    {"builtins.filter", WORD_CODE},
    {"builtins.float", WORD_PLAIN_TYPE},
    {"builtins.int", WORD_PLAIN_TYPE},
    {"builtins.iter", WORD_CODE},
    {"builtins.long", WORD_PLAIN_TYPE},
    {"builtins.map", WORD_CODE},
    {"builtins.memoryview", WORD_LARGE_TYPE},
    {"builtins.reversed", WORD_CODE},
    {"builtins.str", WORD_PLAIN_TYPE},
    {"builtins.super", WORD_CODE},
    {"builtins.type", WORD_CLOSED_TYPE | WORD_PLAIN_TYPE},
    {"builtins.unicode", WORD_PLAIN_TYPE},
    {"builtins.zip", WORD_CODE},
    {"cachetools.keys.methodkey", WORD_KEY_FUNCTION},
    {"cachetools.keys.typedmethodkey", WORD_KEY_FUNCTION},
    {"cachetools.methodkey", WORD_KEY_FUNCTION},
    {"call_at", WORD_TASK_METHOD},
    {"call_later", WORD_TASK_METHOD},
    {"call_soon", WORD_TASK_METHOD | WORD_REGISTERING},
    {"call_soon_threadsafe", WORD_TASK_METHOD},
    {"camera", WORD_LASTING},
    {"category", WORD_LASTING | WORD_KIND},
    {"cell", WORD_LASTING},
    {"channel", WORD_REQUEST},
    {"client", WORD_REQUEST},
    {"cluster", WORD_LASTING},
    {"collection", WORD_LASTING},
    {"company", WORD_LASTING},
    {"concurrent.futures.Future", WORD_CODE},
    {"conn", WORD_REQUEST},
    {"connect", WORD_REGISTERING},
    {"connection", WORD_REQUEST},
    {"container", WORD_BACK_REFERENCE | WORD_LASTING},
    {"contextlib.AsyncExitStack", WORD_CODE},
    {"contextlib.ExitStack", WORD_CODE},
    {"controller", WORD_BACK_REFERENCE},
    {"create_task", WORD_TASK_METHOD},
    {"cupy.ndarray", WORD_LARGE_TYPE},
    {"cv2.imdecode", WORD_LARGE},
    {"cv2.imread", WORD_LARGE},
    {"database", WORD_LASTING},
    {"datagram", WORD_REQUEST},
    {"datetime.date", WORD_PLAIN_TYPE},
    {"datetime.datetime", WORD_PLAIN_TYPE},
    {"datetime.time", WORD_PLAIN_TYPE},
    {"datetime.timedelta", WORD_PLAIN_TYPE},
    {"db", WORD_LASTING},
    {"decimal.Decimal", WORD_PLAIN_TYPE},
    {"deployment", WORD_LASTING},
    {"dev", WORD_LASTING},
    {"device", WORD_LASTING},
    {"display", WORD_LASTING},
    {"domain", WORD_LASTING},
    {"email.message.EmailMessage", WORD_NOT_REQUEST_TYPE},
    {"email.message.Message", WORD_NOT_REQUEST_TYPE},
    {"ensure_future", WORD_TASK_METHOD},
    {"entity", WORD_LASTING},
    {"enum.Enum", WORD_CLOSED_TYPE},
    {"enum.Flag", WORD_CLOSED_TYPE},
    {"enum.IntEnum", WORD_CLOSED_TYPE},
    {"enum.IntFlag", WORD_CLOSED_TYPE},
    {"enum.StrEnum", WORD_CLOSED_TYPE},
    {"envelope", WORD_REQUEST},
    {"event", WORD_REQUEST},
    {"exchange", WORD_LASTING},
    {"flow", WORD_LASTING},
    {"fractions.Fraction", WORD_PLAIN_TYPE},
    {"functools.partial", WORD_CODE},
    {"functools.partialmethod", WORD_CODE},
    {"functools.reduce", WORD_CODE},
    {"getbuffer", WORD_LARGE_METHOD},
    {"getvalue", WORD_LARGE_METHOD},
    {"guid", WORD_ID},
    {"guild", WORD_LASTING},
    {"host", WORD_BACK_REFERENCE | WORD_LASTING},
    {"hub", WORD_LASTING},
    {"id", WORD_ID},
    {"ident", WORD_ID},
    {"instrument", WORD_LASTING},
    {"interface", WORD_LASTING},
    {"io.BytesIO", WORD_LARGE},
    {"ipaddress.IPv4Address", WORD_PLAIN_TYPE},
    {"ipaddress.IPv6Address", WORD_PLAIN_TYPE},
    {"itertools.accumulate", WORD_CODE},
    {"itertools.chain", WORD_CODE},
    {"itertools.cycle", WORD_CODE},
    {"itertools.dropwhile", WORD_CODE},
    {"itertools.filterfalse", WORD_CODE},
    {"itertools.groupby", WORD_CODE},
    {"itertools.islice", WORD_CODE},
    {"itertools.starmap", WORD_CODE},
    {"itertools.takewhile", WORD_CODE},
    {"itertools.tee", WORD_CODE},
    {"itertools.zip_longest", WORD_CODE},
    {"jax.Array", WORD_LARGE | WORD_LARGE_TYPE},
    {"job", WORD_REQUEST},
    {"kind", WORD_KIND},
    {"language", WORD_LASTING},
    {"level", WORD_KIND},
    {"listen", WORD_REGISTERING},
    {"manager", WORD_BACK_REFERENCE},
    {"map_async", WORD_TASK_METHOD},
    {"market", WORD_LASTING},
    {"master", WORD_BACK_REFERENCE},
    {"message", WORD_REQUEST},
    {"mmap.mmap", WORD_LARGE | WORD_LARGE_TYPE},
    {"mode", WORD_KIND},
    {"model", WORD_LASTING},
    {"module", WORD_LASTING},
    {"msg", WORD_REQUEST},
    {"multiprocessing.Event", WORD_NOT_REQUEST_TYPE},
    {"multiprocessing.shared_memory.SharedMemory", WORD_LARGE_TYPE},
    {"namespace", WORD_LASTING},
    {"node", WORD_LASTING},
    {"nonce", WORD_ID},
    {"numpy.array", WORD_LARGE},
    {"numpy.asarray", WORD_LARGE},
    {"numpy.concatenate", WORD_LARGE},
    {"numpy.empty", WORD_LARGE},
    {"numpy.empty_like", WORD_LARGE},
    {"numpy.frombuffer", WORD_LARGE},
    {"numpy.fromfile", WORD_LARGE},
    {"numpy.full", WORD_LARGE},
    {"numpy.genfromtxt", WORD_LARGE},
    {"numpy.load", WORD_LARGE},
    {"numpy.loadtxt", WORD_LARGE},
    {"numpy.memmap", WORD_LARGE},
    {"numpy.ndarray", WORD_LARGE | WORD_LARGE_TYPE},
    {"numpy.ones", WORD_LARGE},
    {"numpy.ones_like", WORD_LARGE},
    {"numpy.stack", WORD_LARGE},
    {"numpy.typing.NDArray", WORD_LARGE},
    {"numpy.zeros", WORD_LARGE},
    {"numpy.zeros_like", WORD_LARGE},
    {"observable", WORD_BACK_REFERENCE},
    {"observe", WORD_REGISTERING},
    {"oid", WORD_ID},
    {"on", WORD_REGISTERING},
    {"on_change", WORD_REGISTERING},
    {"operator.methodcaller", WORD_CODE},
    {"org", WORD_LASTING},
    {"organization", WORD_LASTING},
    {"outer", WORD_BACK_REFERENCE},
    {"owner", WORD_BACK_REFERENCE},
    {"packet", WORD_REQUEST},
    {"pandas.DataFrame", WORD_LARGE | WORD_LARGE_TYPE},
    {"pandas.Series", WORD_LARGE | WORD_LARGE_TYPE},
    {"pandas.concat", WORD_LARGE},
    {"pandas.read_csv", WORD_LARGE},
    {"pandas.read_excel", WORD_LARGE},
    {"pandas.read_feather", WORD_LARGE},
    {"pandas.read_fwf", WORD_LARGE},
    {"pandas.read_hdf", WORD_LARGE},
    {"pandas.read_json", WORD_LARGE},
    {"pandas.read_parquet", WORD_LARGE},
    {"pandas.read_pickle", WORD_LARGE},
    {"pandas.read_sql", WORD_LARGE},
    {"pandas.read_table", WORD_LARGE},
    {"parent", WORD_BACK_REFERENCE},
    {"pathlib.Path", WORD_PLAIN_TYPE},
    {"pathlib.PurePath", WORD_PLAIN_TYPE},
    {"peer", WORD_REQUEST},
    {"pid", WORD_ID},
    {"pk", WORD_ID},
    {"plugin", WORD_LASTING},
    {"polars.DataFrame", WORD_LARGE_TYPE | WORD_LARGE},
    {"polars.read_csv", WORD_LARGE},
    {"polars.read_parquet", WORD_LARGE},
    {"pool", WORD_LASTING},
    {"prev", WORD_BACK_REFERENCE},
    {"previous", WORD_BACK_REFERENCE},
    {"priority", WORD_KIND},
    {"project", WORD_LASTING},
    {"provider", WORD_LASTING},
    {"pyarrow.Table", WORD_LARGE_TYPE | WORD_LARGE},
    {"re.Pattern", WORD_PLAIN_TYPE},
    {"read", WORD_LARGE_METHOD},
    {"read_all", WORD_LARGE_METHOD},
    {"read_bytes", WORD_LARGE_METHOD},
    {"read_text", WORD_LARGE_METHOD},
    {"readlines", WORD_LARGE_METHOD},
    {"region", WORD_LASTING},
    {"register", WORD_REGISTERING},
    {"register_callback", WORD_REGISTERING},
    {"registry", WORD_LASTING},
    {"req", WORD_REQUEST},
    {"request", WORD_REQUEST},
    {"resource", WORD_LASTING},
    {"response", WORD_REQUEST},
    {"room", WORD_LASTING},
    {"run_coroutine_threadsafe", WORD_TASK_METHOD},
    {"run_in_executor", WORD_TASK_METHOD},
    {"schema", WORD_LASTING},
    {"screen", WORD_LASTING},
    {"section", WORD_LASTING},
    {"sensor", WORD_LASTING},
    {"server", WORD_LASTING},
    {"service", WORD_LASTING},
    {"sess", WORD_REQUEST},
    {"session", WORD_REQUEST},
    {"setCallback", WORD_REGISTERING},
    {"set_callback", WORD_REGISTERING},
    {"severity", WORD_KIND},
    {"sid", WORD_ID},
    {"signal_connect", WORD_REGISTERING},
    {"site", WORD_LASTING},
    {"sock", WORD_REQUEST},
    {"socket", WORD_REQUEST | WORD_REQUEST_TYPE},
    {"spawn", WORD_TASK_METHOD},
    {"spawn_later", WORD_TASK_METHOD},
    {"starmap_async", WORD_TASK_METHOD},
    {"start_soon", WORD_TASK_METHOD},
    {"status", WORD_KIND},
    {"store", WORD_LASTING},
    {"subject", WORD_BACK_REFERENCE},
    {"submit", WORD_TASK_METHOD},
    {"subscribe", WORD_REGISTERING},
    {"table", WORD_LASTING},
    {"task", WORD_REQUEST},
    {"team", WORD_LASTING},
    {"tenant", WORD_LASTING},
    {"tensorflow.Tensor", WORD_LARGE | WORD_LARGE_TYPE},
    {"threading.Event", WORD_NOT_REQUEST_TYPE},
    {"threading.Thread", WORD_CODE},
    {"threading.Timer", WORD_CODE},
    {"tid", WORD_ID},
    {"timestamp", WORD_ID},
    {"to_numpy", WORD_LARGE_METHOD},
    {"tobytes", WORD_LARGE_METHOD},
    {"token", WORD_ID},
    {"topic", WORD_LASTING},
    {"torch.Tensor", WORD_LARGE | WORD_LARGE_TYPE},
    {"torch.empty", WORD_LARGE},
    {"torch.load", WORD_LARGE},
    {"torch.nn.Module", WORD_LARGE_TYPE},
    {"torch.ones", WORD_LARGE},
    {"torch.tensor", WORD_LARGE},
    {"torch.zeros", WORD_LARGE},
    {"trace_add", WORD_REGISTERING},
    {"transport", WORD_REQUEST},
    {"type", WORD_LASTING | WORD_KIND},
    {"types.MethodType", WORD_CODE},
    {"types.ModuleType", WORD_CLOSED_TYPE},
    {"types.NoneType", WORD_CLOSED_TYPE | WORD_PLAIN_TYPE},
    {"typing.AnyStr", WORD_PLAIN_TYPE},
    {"typing.Literal", WORD_CLOSED_TYPE | WORD_PLAIN_TYPE},
    {"typing.Text", WORD_PLAIN_TYPE},
    {"typing.Type", WORD_CLOSED_TYPE},
    {"typing_extensions.Literal", WORD_CLOSED_TYPE | WORD_PLAIN_TYPE},
    {"uid", WORD_ID},
    {"unit", WORD_LASTING},
    {"unittest.mock.MagicMock", WORD_CODE},
    {"unittest.mock.Mock", WORD_CODE},
    {"up", WORD_BACK_REFERENCE},
    {"user", WORD_REQUEST | WORD_LASTING},
    {"uuid", WORD_ID},
    {"uuid.UUID", WORD_PLAIN_TYPE},
    {"vine.promise", WORD_CODE},
    {"wallet", WORD_LASTING},
    {"weakref.finalize", WORD_CODE},
    {"websocket", WORD_REQUEST},
    {"win", WORD_LASTING},
    {"window", WORD_LASTING},
    {"workflow", WORD_LASTING},
    {"workspace", WORD_LASTING},
    {"ws", WORD_REQUEST},
    {"xarray.DataArray", WORD_LARGE},
    {"xarray.Dataset", WORD_LARGE},
    {"zone", WORD_LASTING},
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

bool know_is_back_reference(Str name) {
    return is_last_word(name, WORD_BACK_REFERENCE);
}

bool know_is_code(Str canonical) {
    return is_word(canonical, WORD_CODE);
}

bool know_is_registering(Str method) {
    return is_word(method, WORD_REGISTERING);
}

bool know_is_lasting_name(Str name) {
    return is_last_word(name, WORD_LASTING);
}

bool know_is_id_name(Str name) {
    return is_last_word(name, WORD_ID);
}

bool know_is_kind_name(Str name) {
    return is_last_word(name, WORD_KIND);
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

static bool is_last_capitalised(Str name, u32 flag) {
    if (is_word(name, flag)) return true;
    u32 last = last_capital(name);
    return is_word(str_sub(name, last, name.n), flag);
}

bool know_is_manager_type(Str name) {
    return is_last_capitalised(name, WORD_MANAGER_TYPE);
}

bool know_is_brief_type(Str name) {
    return is_last_capitalised(name, WORD_BRIEF_TYPE);
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

bool know_is_large(Str canonical) {
    return is_word(canonical, WORD_LARGE);
}

bool know_is_large_method(Str method) {
    return is_word(method, WORD_LARGE_METHOD);
}
