/* Calls that keep their thread waiting, in the standard library: for a timer, a process, the
 * network, a disk, a user, another thread; and the search over this table and those of
 * blocking_work.c and blocking_other.c. Whether a call of C code holds the GIL was measured on
 * CPython 2.7 and 3.6 to 3.13: one thread makes the call, another one counts how far it gets
 * meanwhile; what waits for anything outside of the process releases it. */
#include "know/know.h"
#include "know/table.h"

#include <string.h>

/* clang-format off: one row a line */
static const CostRow waits[] = {
    /* name, origin, cost, what it waits for, argument, size */
    {"Queue.Queue.get", ORIGIN_PYTHON2, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"Queue.Queue.join", ORIGIN_PYTHON2, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"Queue.Queue.put", ORIGIN_PYTHON2, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"_thread.lock.acquire", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"builtins.breakpoint", ORIGIN_STDLIB, COST_WAITS, WAIT_USER, -1, 0},
    {"builtins.input", ORIGIN_STDLIB, COST_WAITS, WAIT_USER, -1, 0},
    {"builtins.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"builtins.print", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"builtins.raw_input", ORIGIN_PYTHON2, COST_WAITS, WAIT_USER, -1, 0},
    {"bz2.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"cPickle.dump", ORIGIN_PYTHON2, COST_WAITS, WAIT_DISK, -1, 0},
    {"cPickle.load", ORIGIN_PYTHON2, COST_WAITS, WAIT_DISK, -1, 0},
    {"codecs.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"concurrent.futures.Future.exception", ORIGIN_STDLIB, COST_WAITS, WAIT_FUTURE, -1, 0},
    {"concurrent.futures.Future.result", ORIGIN_STDLIB, COST_WAITS, WAIT_FUTURE, -1, 0},
    {"concurrent.futures.as_completed", ORIGIN_STDLIB, COST_WAITS, WAIT_FUTURE, -1, 0},
    {"concurrent.futures.wait", ORIGIN_STDLIB, COST_WAITS, WAIT_FUTURE, -1, 0},
    {"dbm.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"fcntl.flock", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"fcntl.lockf", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"fileinput.input", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"ftplib.FTP", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"ftplib.FTP.", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"ftplib.FTP_TLS", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"ftplib.FTP_TLS.", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"getpass.getpass", ORIGIN_STDLIB, COST_WAITS, WAIT_USER, -1, 0},
    {"glob.glob", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"glob.iglob", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"gzip.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"http.client.HTTPConnection.connect", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"http.client.HTTPConnection.getresponse", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"http.client.HTTPConnection.request", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"http.client.HTTPResponse.read", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"http.client.HTTPSConnection.connect", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"http.client.HTTPSConnection.getresponse", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"http.client.HTTPSConnection.request", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"httplib.HTTPConnection.getresponse", ORIGIN_PYTHON2, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"httplib.HTTPConnection.request", ORIGIN_PYTHON2, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"httplib.HTTPSConnection.getresponse", ORIGIN_PYTHON2, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"httplib.HTTPSConnection.request", ORIGIN_PYTHON2, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"imaplib.IMAP4", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"imaplib.IMAP4.", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"imaplib.IMAP4_SSL", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"imaplib.IMAP4_SSL.", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"importlib.import_module", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"io.IOBase.flush", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"io.IOBase.read", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"io.IOBase.readline", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"io.IOBase.readlines", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"io.IOBase.write", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"io.IOBase.writelines", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"io.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"json.dump", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"json.load", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"linecache.getline", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"logging.", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"logging.Logger.", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"lzma.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"marshal.dump", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"marshal.load", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"mimetypes.guess_type", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"multiprocessing.Event.wait", ORIGIN_STDLIB, COST_WAITS, WAIT_EVENT, -1, 0},
    {"multiprocessing.JoinableQueue.get", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"multiprocessing.Lock.acquire", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"multiprocessing.Process.join", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"multiprocessing.Queue.get", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"multiprocessing.Queue.put", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"multiprocessing.RLock.acquire", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"multiprocessing.Semaphore.acquire", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"multiprocessing.SimpleQueue.get", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"multiprocessing.connection.Connection.recv", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"multiprocessing.connection.wait", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"multiprocessing.pool.AsyncResult.get", ORIGIN_STDLIB, COST_WAITS, WAIT_FUTURE, -1, 0},
    {"multiprocessing.pool.AsyncResult.wait", ORIGIN_STDLIB, COST_WAITS, WAIT_FUTURE, -1, 0},
    {"multiprocessing.pool.Pool.apply", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"multiprocessing.pool.Pool.join", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"multiprocessing.pool.Pool.map", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"multiprocessing.pool.Pool.starmap", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"multiprocessing.pool.ThreadPool.apply", ORIGIN_STDLIB, COST_WAITS, WAIT_THREAD, -1, 0},
    {"multiprocessing.pool.ThreadPool.join", ORIGIN_STDLIB, COST_WAITS, WAIT_THREAD, -1, 0},
    {"multiprocessing.pool.ThreadPool.map", ORIGIN_STDLIB, COST_WAITS, WAIT_THREAD, -1, 0},
    {"multiprocessing.pool.ThreadPool.starmap", ORIGIN_STDLIB, COST_WAITS, WAIT_THREAD, -1, 0},
    {"nntplib.NNTP", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"nntplib.NNTP.", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"os.access", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.chmod", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.fsync", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.link", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.listdir", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.makedirs", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.mkdir", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.path.exists", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.path.getmtime", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.path.getsize", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.path.isdir", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.path.isfile", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.path.islink", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.path.ismount", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.path.realpath", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.path.samefile", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.popen", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.read", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.remove", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.rename", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.replace", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.rmdir", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.scandir", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.spawnl", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.spawnle", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.spawnlp", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.spawnlpe", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.spawnv", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.spawnve", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.spawnvp", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.spawnvpe", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.stat", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.symlink", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.system", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.truncate", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.unlink", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.wait", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.wait3", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.wait4", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.waitid", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.waitpid", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"os.walk", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"os.write", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.chmod", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.exists", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.expanduser", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.glob", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.is_dir", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.is_file", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.is_mount", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.is_symlink", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.iterdir", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.lstat", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.mkdir", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.read_bytes", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.read_text", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.rename", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.replace", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.resolve", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.rglob", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.rmdir", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.samefile", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.stat", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.symlink_to", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.touch", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.unlink", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.write_bytes", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pathlib.Path.write_text", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pdb.set_trace", ORIGIN_STDLIB, COST_WAITS, WAIT_USER, -1, 0},
    {"pickle.dump", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"pickle.load", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"poplib.POP3", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"poplib.POP3.", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"poplib.POP3_SSL", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"poplib.POP3_SSL.", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"pprint.pp", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"pprint.pprint", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"queue.LifoQueue.get", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"queue.LifoQueue.put", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"queue.PriorityQueue.get", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"queue.PriorityQueue.put", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"queue.Queue.get", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"queue.Queue.join", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"queue.Queue.put", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"queue.SimpleQueue.get", ORIGIN_STDLIB, COST_WAITS, WAIT_QUEUE, -1, 0},
    {"runpy.run_path", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"select.epoll.poll", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"select.poll.poll", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"select.select", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"selectors.DefaultSelector.select", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"shelve.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"shutil.copy", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"shutil.copy2", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"shutil.copyfile", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"shutil.copyfileobj", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"shutil.copytree", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"shutil.make_archive", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"shutil.move", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"shutil.rmtree", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"shutil.unpack_archive", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"signal.pause", ORIGIN_STDLIB, COST_WAITS, WAIT_USER, -1, 0},
    {"signal.sigwait", ORIGIN_STDLIB, COST_WAITS, WAIT_USER, -1, 0},
    {"smtplib.SMTP", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP.connect", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP.login", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP.quit", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP.send_message", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP.sendmail", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP.starttls", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP_SSL", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP_SSL.login", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP_SSL.quit", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP_SSL.send_message", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"smtplib.SMTP_SSL.sendmail", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.create_connection", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.getaddrinfo", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.getfqdn", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.gethostbyaddr", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.gethostbyname", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.gethostbyname_ex", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.getnameinfo", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.socket.accept", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.socket.connect", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.socket.recv", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.socket.recv_into", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.socket.recvfrom", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.socket.recvmsg", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.socket.send", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.socket.sendall", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.socket.sendfile", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"socket.socket.sendto", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"sqlite3.Connection.backup", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.Connection.commit", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.Connection.execute", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.Connection.executemany", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.Connection.executescript", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.Cursor.execute", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.Cursor.executemany", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.Cursor.executescript", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.Cursor.fetchall", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.Cursor.fetchmany", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.Cursor.fetchone", ORIGIN_STDLIB, COST_WAITS, WAIT_DATABASE, -1, 0},
    {"sqlite3.connect", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"ssl.SSLSocket.do_handshake", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"ssl.SSLSocket.read", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"ssl.SSLSocket.recv", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"ssl.SSLSocket.send", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"ssl.SSLSocket.sendall", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"ssl.SSLSocket.write", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"ssl.get_server_certificate", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"subprocess.Popen", ORIGIN_STDLIB, COST_WAITS, WAIT_START, -1, 0},
    {"subprocess.Popen.communicate", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"subprocess.Popen.wait", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"subprocess.call", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"subprocess.check_call", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"subprocess.check_output", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"subprocess.getoutput", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"subprocess.getstatusoutput", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"subprocess.run", ORIGIN_STDLIB, COST_WAITS, WAIT_PROCESS, -1, 0},
    {"sys.stderr.flush", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"sys.stderr.write", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"sys.stdout.flush", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"sys.stdout.write", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"tarfile.TarFile.", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"tarfile.open", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"telnetlib.Telnet", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"telnetlib.Telnet.", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"tempfile.NamedTemporaryFile", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"tempfile.TemporaryDirectory", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"tempfile.TemporaryFile", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"tempfile.mkdtemp", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"tempfile.mkstemp", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"threading.Barrier.wait", ORIGIN_STDLIB, COST_WAITS, WAIT_EVENT, -1, 0},
    {"threading.BoundedSemaphore.acquire", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"threading.Condition.acquire", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"threading.Condition.wait", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"threading.Condition.wait_for", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"threading.Event.wait", ORIGIN_STDLIB, COST_WAITS, WAIT_EVENT, -1, 0},
    {"threading.Lock.acquire", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"threading.RLock.acquire", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"threading.Semaphore.acquire", ORIGIN_STDLIB, COST_WAITS, WAIT_LOCK, -1, 0},
    {"threading.Thread.join", ORIGIN_STDLIB, COST_WAITS, WAIT_THREAD, -1, 0},
    {"threading.Timer.join", ORIGIN_STDLIB, COST_WAITS, WAIT_THREAD, -1, 0},
    {"time.sleep", ORIGIN_STDLIB, COST_WAITS, WAIT_SLEEP, 0, 0},
    {"tomllib.load", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"traceback.print_exc", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"traceback.print_exception", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"traceback.print_stack", ORIGIN_STDLIB, COST_WAITS, WAIT_OUTPUT, -1, 0},
    {"urllib.request.OpenerDirector.open", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"urllib.request.urlopen", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"urllib.request.urlretrieve", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"urllib.urlopen", ORIGIN_PYTHON2, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"urllib.urlretrieve", ORIGIN_PYTHON2, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"urllib2.urlopen", ORIGIN_PYTHON2, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"xml.dom.minidom.parse", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"xml.etree.ElementTree.parse", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"xmlrpc.client.ServerProxy.", ORIGIN_STDLIB, COST_WAITS, WAIT_NETWORK, -1, 0},
    {"zipfile.ZipFile", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
    {"zipfile.ZipFile.", ORIGIN_STDLIB, COST_WAITS, WAIT_DISK, -1, 0},
};
/* clang-format on */

static const CostRow *table_of(u32 table, u32 *n) {
    if (table == 1) return costs_of_work(n);
    if (table == 2) return costs_of_others(n);
    *n = ARRAY_LEN(waits);
    return waits;
}

const CostRow *know_costs(u32 table, u32 *n) {
    return table_of(table, n);
}

static const CostRow *find(Str name) {
    for (u32 table = 0; table < COST_TABLES; table++) {
        u32 n;
        const CostRow *rows = table_of(table, &n);
        u32 i = table_find(rows, n, sizeof rows[0], name);
        if (i < n) return &rows[i];
    }
    return NULL;
}

/* `database._state.reset`: what is inside of an object is not what its module is for. */
static bool is_inside(Str name) {
    i64 dot = str_rfind(name, '.');
    Str method = str_after_last(name, '.');
    Str of = dot > 0 ? str_after_last(str_sub(name, 0, (u32)dot), '.') : (Str){0};
    return str_starts(method, "_") || str_starts(of, "_");
}

/* The row of the name itself, else the one of the longest module or class that it begins with. To
 * close a client is nothing to wait for. */
static const CostRow *find_longest(Str name) {
    const CostRow *row = find(name);
    bool is_close = str_is(str_after_last(name, '.'), "close");
    if (!row && (is_close || is_inside(name))) return NULL;
    for (i64 dot = str_rfind(name, '.'); !row && dot > 0; dot = str_rfind(name, '.')) {
        row = find(str_sub(name, 0, (u32)dot + 1));
        name = str_sub(name, 0, (u32)dot);
    }
    return row;
}

const CostRow *know_cost(Str canonical) {
    return find_longest(canonical);
}

/* The class itself, then the classes above it: `socket.socket` for `ssl.SSLSocket`. */
static const CostRow *find_in_bases(Str class, Str method, u32 depth) {
    char room[TABLE_NAME_SIZE];
    if (class.n + 1 + method.n >= sizeof room) return NULL;
    const CostRow *row = find(table_join(room, class, method));
    for (u32 i = 0; !row && depth; i++) {
        Str above = know_base_class(class, i);
        if (!above.n) break;
        row = find_in_bases(above, method, depth - 1);
    }
    return row;
}

const CostRow *know_method_cost(Str class, Str method) {
    char room[TABLE_NAME_SIZE];
    const CostRow *row = find_in_bases(class, method, 4);
    if (row || class.n + 1 + method.n >= sizeof room) return row;
    return find_longest(table_join(room, class, method));
}

const char *wait_text(WaitKind kind) {
    static const char *const TEXT[] = {
        "nothing",  "a timer", "a process", "a process to start", "the network", "a database",
        "a disk",   "a user",  "a lock",    "an event",           "a queue",     "a thread",
        "a future", "output"};
    return TEXT[kind];
}
