/* Functions that work with a resource which they are given, and neither close nor keep it: who
 * calls them still owns it. What is not here takes the resource over, as far as anybody can tell.
 *
 * Sources: the documentation of CPython and of the packages. `subprocess` gives a copy of the
 * descriptor to the child; archives that are given a file object leave it open (zipfile.py,
 * tarfile.py, gzip.py: they close only what they have opened themselves). */
#include "know/know.h"
#include "know/table.h"

typedef struct BorrowerRow {
    const char *name;
    Origin origin;
    Borrowing how;
} BorrowerRow;

/* clang-format off: one row a line */
static const BorrowerRow borrowers[] = {
    /* name, origin, for how long */
    {"asyncio.create_subprocess_exec", ORIGIN_STDLIB, BORROWS_NOW},
    {"asyncio.create_subprocess_shell", ORIGIN_STDLIB, BORROWS_NOW},
    {"base64.decode", ORIGIN_STDLIB, BORROWS_NOW},
    {"base64.encode", ORIGIN_STDLIB, BORROWS_NOW},
    {"bz2.BZ2File", ORIGIN_STDLIB, BORROWS_LATER},
    {"cPickle.dump", ORIGIN_PYTHON2, BORROWS_NOW},
    {"cPickle.load", ORIGIN_PYTHON2, BORROWS_NOW},
    {"cloudpickle.dump", ORIGIN_OTHER, BORROWS_NOW},
    {"csv.DictReader", ORIGIN_STDLIB, BORROWS_LATER},
    {"csv.DictWriter", ORIGIN_STDLIB, BORROWS_LATER},
    {"csv.reader", ORIGIN_STDLIB, BORROWS_LATER},
    {"csv.writer", ORIGIN_STDLIB, BORROWS_LATER},
    {"dill.dump", ORIGIN_OTHER, BORROWS_NOW},
    {"dill.load", ORIGIN_OTHER, BORROWS_NOW},
    {"dis.dis", ORIGIN_STDLIB, BORROWS_NOW},
    {"email.message_from_binary_file", ORIGIN_STDLIB, BORROWS_NOW},
    {"email.message_from_file", ORIGIN_STDLIB, BORROWS_NOW},
    {"faulthandler.dump_traceback", ORIGIN_STDLIB, BORROWS_NOW},
    {"fcntl.fcntl", ORIGIN_STDLIB, BORROWS_NOW},
    {"fcntl.flock", ORIGIN_STDLIB, BORROWS_NOW},
    {"fcntl.ioctl", ORIGIN_STDLIB, BORROWS_NOW},
    {"fcntl.lockf", ORIGIN_STDLIB, BORROWS_NOW},
    {"gzip.GzipFile", ORIGIN_STDLIB, BORROWS_LATER},
    {"hashlib.file_digest", ORIGIN_STDLIB, BORROWS_NOW},
    {"ijson.items", ORIGIN_OTHER, BORROWS_LATER},
    {"itertools.islice", ORIGIN_STDLIB, BORROWS_LATER},
    {"joblib.dump", ORIGIN_OTHER, BORROWS_NOW},
    {"joblib.load", ORIGIN_OTHER, BORROWS_NOW},
    {"json.dump", ORIGIN_STDLIB, BORROWS_NOW},
    {"json.load", ORIGIN_STDLIB, BORROWS_NOW},
    {"lxml.etree.parse", ORIGIN_OTHER, BORROWS_NOW},
    {"lxml.html.parse", ORIGIN_OTHER, BORROWS_NOW},
    {"lzma.LZMAFile", ORIGIN_STDLIB, BORROWS_LATER},
    {"marshal.dump", ORIGIN_STDLIB, BORROWS_NOW},
    {"marshal.load", ORIGIN_STDLIB, BORROWS_NOW},
    {"mmap.mmap", ORIGIN_STDLIB, BORROWS_NOW},
    {"msgpack.load", ORIGIN_OTHER, BORROWS_NOW},
    {"msgpack.pack", ORIGIN_OTHER, BORROWS_NOW},
    {"msgpack.unpack", ORIGIN_OTHER, BORROWS_NOW},
    {"multiprocessing.connection.wait", ORIGIN_STDLIB, BORROWS_NOW},
    {"numpy.fromfile", ORIGIN_OTHER, BORROWS_NOW},
    {"numpy.load", ORIGIN_OTHER, BORROWS_NOW},
    {"numpy.loadtxt", ORIGIN_OTHER, BORROWS_NOW},
    {"numpy.save", ORIGIN_OTHER, BORROWS_NOW},
    {"numpy.savetxt", ORIGIN_OTHER, BORROWS_NOW},
    {"numpy.savez", ORIGIN_OTHER, BORROWS_NOW},
    {"os.chmod", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.copy_file_range", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.dup", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.dup2", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.fchdir", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.fchmod", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.fchown", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.fdatasync", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.fpathconf", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.fstat", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.fsync", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.ftruncate", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.get_blocking", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.get_inheritable", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.get_terminal_size", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.isatty", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.listdir", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.lockf", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.lseek", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.posix_fadvise", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.posix_fallocate", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.pread", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.pwrite", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.read", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.readv", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.scandir", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.sendfile", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.set_blocking", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.set_inheritable", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.splice", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.stat", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.tcgetpgrp", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.tcsetpgrp", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.ttyname", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.utime", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.write", ORIGIN_STDLIB, BORROWS_NOW},
    {"os.writev", ORIGIN_STDLIB, BORROWS_NOW},
    {"pandas.read_csv", ORIGIN_OTHER, BORROWS_NOW},
    {"pandas.read_excel", ORIGIN_OTHER, BORROWS_NOW},
    {"pandas.read_json", ORIGIN_OTHER, BORROWS_NOW},
    {"pandas.read_parquet", ORIGIN_OTHER, BORROWS_NOW},
    {"pandas.read_pickle", ORIGIN_OTHER, BORROWS_NOW},
    {"pandas.read_sql", ORIGIN_OTHER, BORROWS_NOW},
    {"pandas.read_sql_query", ORIGIN_OTHER, BORROWS_NOW},
    {"pandas.read_table", ORIGIN_OTHER, BORROWS_NOW},
    {"pickle.Pickler", ORIGIN_STDLIB, BORROWS_LATER},
    {"pickle.Unpickler", ORIGIN_STDLIB, BORROWS_LATER},
    {"pickle.dump", ORIGIN_STDLIB, BORROWS_NOW},
    {"pickle.load", ORIGIN_STDLIB, BORROWS_NOW},
    {"pickletools.genops", ORIGIN_STDLIB, BORROWS_LATER},
    {"plistlib.dump", ORIGIN_STDLIB, BORROWS_NOW},
    {"plistlib.load", ORIGIN_STDLIB, BORROWS_NOW},
    {"pprint.pprint", ORIGIN_STDLIB, BORROWS_NOW},
    {"quopri.decode", ORIGIN_STDLIB, BORROWS_NOW},
    {"quopri.encode", ORIGIN_STDLIB, BORROWS_NOW},
    {"scipy.io.loadmat", ORIGIN_OTHER, BORROWS_NOW},
    {"scipy.io.savemat", ORIGIN_OTHER, BORROWS_NOW},
    {"select.select", ORIGIN_STDLIB, BORROWS_NOW},
    {"shutil.copyfileobj", ORIGIN_STDLIB, BORROWS_NOW},
    {"shutil.copystat", ORIGIN_STDLIB, BORROWS_NOW},
    {"simplejson.dump", ORIGIN_OTHER, BORROWS_NOW},
    {"simplejson.load", ORIGIN_OTHER, BORROWS_NOW},
    {"socket.fromfd", ORIGIN_STDLIB, BORROWS_NOW},
    {"subprocess.Popen", ORIGIN_STDLIB, BORROWS_NOW},
    {"subprocess.call", ORIGIN_STDLIB, BORROWS_NOW},
    {"subprocess.check_call", ORIGIN_STDLIB, BORROWS_NOW},
    {"subprocess.check_output", ORIGIN_STDLIB, BORROWS_NOW},
    {"subprocess.run", ORIGIN_STDLIB, BORROWS_NOW},
    {"subprocess32.Popen", ORIGIN_OTHER, BORROWS_NOW},
    {"tarfile.is_tarfile", ORIGIN_STDLIB, BORROWS_NOW},
    {"tarfile.open", ORIGIN_STDLIB, BORROWS_LATER},
    {"termios.tcgetattr", ORIGIN_STDLIB, BORROWS_NOW},
    {"termios.tcsetattr", ORIGIN_STDLIB, BORROWS_NOW},
    {"tokenize.detect_encoding", ORIGIN_STDLIB, BORROWS_NOW},
    {"tokenize.generate_tokens", ORIGIN_STDLIB, BORROWS_LATER},
    {"tokenize.tokenize", ORIGIN_STDLIB, BORROWS_LATER},
    {"toml.dump", ORIGIN_OTHER, BORROWS_NOW},
    {"toml.load", ORIGIN_OTHER, BORROWS_NOW},
    {"tomli.load", ORIGIN_OTHER, BORROWS_NOW},
    {"tomllib.load", ORIGIN_STDLIB, BORROWS_NOW},
    {"torch.load", ORIGIN_OTHER, BORROWS_NOW},
    {"torch.save", ORIGIN_OTHER, BORROWS_NOW},
    {"traceback.print_exc", ORIGIN_STDLIB, BORROWS_NOW},
    {"traceback.print_exception", ORIGIN_STDLIB, BORROWS_NOW},
    {"traceback.print_stack", ORIGIN_STDLIB, BORROWS_NOW},
    {"traceback.print_tb", ORIGIN_STDLIB, BORROWS_NOW},
    {"tty.setcbreak", ORIGIN_STDLIB, BORROWS_NOW},
    {"tty.setraw", ORIGIN_STDLIB, BORROWS_NOW},
    {"ujson.dump", ORIGIN_OTHER, BORROWS_NOW},
    {"ujson.load", ORIGIN_OTHER, BORROWS_NOW},
    {"xml.dom.minidom.parse", ORIGIN_STDLIB, BORROWS_NOW},
    {"xml.etree.ElementTree.iterparse", ORIGIN_STDLIB, BORROWS_LATER},
    {"xml.etree.ElementTree.parse", ORIGIN_STDLIB, BORROWS_NOW},
    {"xml.sax.parse", ORIGIN_STDLIB, BORROWS_NOW},
    {"yaml.dump", ORIGIN_OTHER, BORROWS_NOW},
    {"yaml.full_load", ORIGIN_OTHER, BORROWS_NOW},
    {"yaml.load", ORIGIN_OTHER, BORROWS_NOW},
    {"yaml.safe_dump", ORIGIN_OTHER, BORROWS_NOW},
    {"yaml.safe_load", ORIGIN_OTHER, BORROWS_NOW},
    {"zipfile.ZipFile", ORIGIN_STDLIB, BORROWS_LATER},
    {"zipfile.is_zipfile", ORIGIN_STDLIB, BORROWS_NOW},
};
/* clang-format on */

Borrowing know_borrowing(Str canonical) {
    u32 i = table_find(borrowers, ARRAY_LEN(borrowers), sizeof *borrowers, canonical);
    return i < ARRAY_LEN(borrowers) ? borrowers[i].how : BORROWS_NOT;
}

/* ---- words ---- */

static bool is_among(const char *const *words, u32 n, Str word) {
    for (u32 i = 0; i < n; i++)
        if (str_is(word, words[i])) return true;
    return false;
}

bool know_is_lending(Str method) {
    static const char *const METHODS[] = {
        "apply_async", "begin",       "channel",        "create_channel", "create_session",
        "cursor",      "execute",     "executemany",    "executescript",  "extractfile",
        "get_stream",  "imap",        "imap_unordered", "iter_content",   "iter_lines",
        "makefile",    "map_async",   "open",           "open_session",   "open_sftp",
        "pipeline",    "pubsub",      "starmap_async",  "start_session",  "stream",
        "submit",      "transaction", "wrap_socket"};
    return is_among(METHODS, ARRAY_LEN(METHODS), method);
}

bool know_is_plain_attribute(Str name) {
    static const char *const NAMES[] = {
        "address",     "args",   "closed",     "encoding",       "errors",        "exitcode",
        "family",      "mode",   "name",       "newlines",       "pid",           "port",
        "proto",       "reason", "returncode", "server_address", "server_port",   "status",
        "status_code", "stderr", "stdin",      "stdout",         "total_changes", "type",
        "url"};
    return is_among(NAMES, ARRAY_LEN(NAMES), name);
}
