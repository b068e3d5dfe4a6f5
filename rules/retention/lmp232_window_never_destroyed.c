/* ## What it does
 * Reports a dialog, menu, timer, thread, process or animation of a toolkit that a method makes anew
 * each time an event or a signal calls it (also by a lambda or an inner function that is
 * connected), and that nothing ever destroys:
 *
 * - Qt (PyQt, PySide, qtpy): the object gets `self` as its parent, or the main window that an
 *   attribute has (`QMenu(self.main_window)`);
 * - GTK 3 (PyGObject, pygtk): a dialog in a local variable;
 * - wxPython: a dialog in a local variable; tkinter: a menu in one.
 *
 * ## Why it leaks
 * Python's reference is not the last one. Qt has the object among the children of its parent, which
 * owns it, with all its own children, connections and slots, until the parent goes: for the main
 * window that is the end of the process. GTK and wx hold each top-level window in a list of their
 * own until `destroy()` (`Destroy()`) is called, or, under wx, its parent is destroyed. A dialog of
 * the desktop (`wx.FileDialog`) is in no such list, but lives on in C++, and its wrapper with it:
 * some hundred KB, but for a message box 2 KB. tkinter has a widget in `children` of its master.
 *
 * ## Example
 * ```python bad
 * from PyQt6.QtWidgets import QMenu, QTableView
 *
 *
 * class Table(QTableView):
 *     def contextMenuEvent(self, event):
 *         menu = QMenu(self)
 *         menu.addAction("Copy", self.copy)
 *         menu.exec(event.globalPos())
 *
 *     def copy(self):
 *         print(self.currentIndex().data())
 * ```
 *
 * Every click with the right button leaves one more menu. Let it go when it is closed:
 *
 * ```python good
 * from PyQt6.QtWidgets import QMenu, QTableView
 *
 *
 * class Table(QTableView):
 *     def contextMenuEvent(self, event):
 *         menu = QMenu(self)
 *         menu.addAction("Copy", self.copy)
 *         menu.exec(event.globalPos())
 *         menu.deleteLater()
 *
 *     def copy(self):
 *         print(self.currentIndex().data())
 * ```
 *
 * ## When it is silent
 * - `deleteLater`, `setParent`, `WA_DeleteOnClose`, `DeleteWhenStopped`, `sip.delete`, `destroy`,
 *   `Destroy` in the function, in a function of the project that gets the object, in the class of
 *   the object, or, for one that is kept in an attribute, in the class that keeps it.
 * - `with wx.FileDialog(…) as dialog`, which destroys it.
 * - The function asks the attribute first (`if self.menu is None`), or constructors call it, and
 *   no class that makes the object connects a signal with it.
 * - The object is kept in a container or given to a function that cannot be seen. (What is made
 *   with it as its parent, `QAction("Copy", menu)`, does not take it away.)
 * - It is returned, and a caller in the project destroys it, keeps it or hands it on, or none runs
 *   it and drops it with each event (`self.make_menu().exec()` in `contextMenuEvent`) or puts it
 *   where the next one takes its place (`self.menu = self.make_menu()`).
 * - `showEvent` and `hideEvent` of a main window, which is shown once, and what they do behind a
 *   flag of `self` that they set; `closeEvent`.
 * - No parent (Qt): Python deletes it with its last reference. A `name=` that is the same each time
 *   (tkinter): the master destroys the child that had it.
 *
 * At low confidence: in a dialog or a page of one, in a window that is run until it is closed
 * (`exec()`, `ShowModal()`) wherever it is made, in what only these and their parts make, also by a
 * table of classes, in a row that its owner makes anew and destroys, and in a button or other small
 * part of wx that no frame is seen to make, all of which go soon with their children; a message box
 * of Qt or wx, or about an error, an About, help or licence window, one for preferences or an
 * encoding (`ConfigDialog`), a menu all of whose actions are attributes of `self` that the function
 * does not make (`menu.addAction(self.copy_action)`), and a dialog of Qt, unless its parent is the
 * main window, or it has widgets of its own and only main windows and their parts make the parent;
 * a thread of Qt's own class that is told to quit and has nothing with it; what takes back the flag
 * under which each call of it stands; in an exception handler; tests.
 *
 * ## What it misses
 * Methods that other classes connect, unless these make the object and keep it in an attribute, or
 * the class keeps a table of signals and slots for them (`self.receives = [("selected",
 * self.load)]`), widgets that a method puts into a layout again and again, actions, dialogs whose
 * parent a helper gets, what is hidden in order to be shown again.
 *
 * ## How to confirm
 * `len(self.children())` (Qt), `len(Gtk.Window.list_toplevels())`, `len(wx.GetTopLevelWindows())`
 * before and after a hundred calls; for a dialog of the desktop under wx, a weak reference to it.
 *
 * ## References
 * - Qt, "Object Trees & Ownership"; PyQt, "Ownership of objects"; GTK 3, `gtk_widget_destroy`;
 *   wxPython, "Window Deletion Overview"
 * - spyder: a thread made for each search, with the window as its parent (ba9fa70)
 */
#include "rule/rule.h"

/* How each toolkit is spoken of; NULL where it is the class of the parent. */
typedef struct Words {
    const char *holder, *keeper;
    const char *until, *undo; /* it is alive until that; what ends it */
    const char *counted;      /* for the check; NULL: nothing lists it */
} Words;

static const Words WORDS[] = {
    [TOOLKIT_QT] = {NULL, NULL, "it goes itself", "deleteLater", "self.children()"},
    [TOOLKIT_GTK] = {"Gtk.Window.list_toplevels()", "the list of windows of GTK",
                     "the process ends", "destroy", "Gtk.Window.list_toplevels()"},
    [TOOLKIT_WX] = {"wx.GetTopLevelWindows()", "the list of windows of wx", "the process ends",
                    "Destroy", "wx.GetTopLevelWindows()"},
    [TOOLKIT_WX_NATIVE] = {"the dialog of wx, in C++", "wx", "the process ends", "Destroy", NULL},
    [TOOLKIT_TK] = {"master.children", "its master", "it goes itself", "destroy",
                    "menu.master.children"},
};

static Str parent_of(RuleContext *c, const Windowed *w) {
    return w->window.n ? rule_text(c, "self.%.*s", STR_ARG(w->window))
                       : str_after_last(graph_class_name(c->graph, w->owner), '.');
}

static Str help_of(RuleContext *c, const Windowed *w) {
    if (w->row->toolkit == TOOLKIT_WX || w->row->toolkit == TOOLKIT_WX_NATIVE)
        return STR(
            "open it with `with …(…) as dialog:`, or call `dialog.Destroy()` when it is done");
    Str name = w->attribute.n ? rule_text(c, "self.%.*s", STR_ARG(w->attribute)) : w->local;
    if (!name.n) name = STR("it");
    if (w->row->toolkit != TOOLKIT_QT)
        return rule_text(c, "call `%.*s.destroy()` when it is done", STR_ARG(name));
    const char *when = w->attribute.n ? "before the next one takes its place" : "when it is done";
    return rule_text(c, "call `%.*s.deleteLater()` %s, or make it once", STR_ARG(name), when);
}

static void add_steps(RuleContext *c, Finding *f, OpRef call, const Windowed *w, Str class) {
    Span span = facts_op(graph_facts(c->graph, call.file), call.op)->span;
    const char *holder = WORDS[w->row->toolkit].holder;
    Str text =
        holder ? str_from(holder) : rule_text(c, "%.*s.children()", STR_ARG(parent_of(c, w)));
    finding_step(c->arena, f, (Step){.kind = STEP_NODE, .text = text});
    rule_step(c, f, STEP_EDGE, STR("holds"), STR("added here, never destroyed"), call.file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, class, (Str){0}, call.file, span);
    if (w->connected.op.i)
        rule_note(c, f, STR("each signal calls the method"), (Str){0}, w->connected);
    if (w->dropped.op.i)
        rule_note(c, f,
                  w->attribute.n ? STR("what the method returns is kept here until the next call")
                                 : STR("what the method returns is dropped here"),
                  (Str){0}, w->dropped);
}

static void check(RuleContext *c, OpRef call) {
    Windowed w;
    if (!graph_is_windowed(c->graph, call, &w)) return;
    if (w.row->toolkit == TOOLKIT_TK && graph_takes_place_of_widget(c->graph, call)) return;
    const Facts *f = graph_facts(c->graph, call.file);
    const Op *op = facts_op(f, call.op);
    Str class = facts_last_name(f, op_path(op));
    Finding *finding = rule_report(c, call.file, op->span, w.function);
    bool is_low = w.is_brief || w.is_seldom || (w.is_dialog && !w.is_of_main) ||
                  graph_is_test_file(c->graph, call.file) ||
                  graph_in_handler(c->graph, call.file, op->region);
    finding->confidence = is_low ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    finding->subject = graph_scope_name(c->graph, w.function);
    const Words *words = &WORDS[w.row->toolkit];
    Str keeper = words->keeper ? str_from(words->keeper)
                               : rule_text(c, "'%.*s', its parent,", STR_ARG(parent_of(c, &w)));
    finding->message =
        rule_text(c,
                  "%.*s keeps every '%.*s' alive until %s: one more with each call of '%.*s', and "
                  "no '%s' lets go of it",
                  STR_ARG(keeper), STR_ARG(class),
                  w.has_parent && words->keeper ? "its parent goes" : words->until,
                  STR_ARG(finding->subject), words->undo);
    add_steps(c, finding, call, &w, class);
    finding->help = help_of(c, &w);
    const char *of = w.window.n ? ".children()" : words->counted;
    finding->confirm =
        words->counted
            ? rule_text(c, "`len(%.*s%s)` before and after 100 calls",
                        STR_ARG(w.window.n ? parent_of(c, &w) : (Str){0}), of)
            : rule_text(c,
                        "a `weakref.ref` of the '%.*s' is alive when '%.*s' has returned, and "
                        "after `gc.collect()`",
                        STR_ARG(class), STR_ARG(str_after_last(finding->subject, '.')));
}

static bool is_name(const Graph *g, Str method) {
    (void)g;
    return know_is_qt_name(method) && know_window(method) != NULL;
}

static void check_class(RuleContext *c, ClassId id) {
    const OpRef *calls;
    u32 n = graph_window_makings(c->graph, id, &calls);
    for (u32 i = 0; i < n; i++) check(c, calls[i]);
}

/* Of all modules by which Qt comes to Python. */
#define QT(module, name)                                                            \
    "PyQt5." module "." name, "PyQt6." module "." name, "PySide2." module "." name, \
        "PySide6." module "." name, "qtpy." module "." name, "AnyQt." module "." name
#define WIDGET(name) QT("QtWidgets", name), "PyQt4.QtGui." name, "PySide.QtGui." name
#define PRINT(name) QT("QtPrintSupport", name), "PyQt4.QtGui." name, "PySide.QtGui." name
#define CORE(name) QT("QtCore", name), "PyQt4.QtCore." name, "PySide.QtCore." name
#define GTK(name) "gi.repository.Gtk." name, "gtk." name

/* clang-format off */
static const char *const callees[] = {
    "Tkinter.Menu", "tkinter.Menu",
    WIDGET("QColorDialog"), WIDGET("QDialog"), WIDGET("QErrorMessage"), WIDGET("QFileDialog"),
    WIDGET("QFontDialog"), WIDGET("QInputDialog"), WIDGET("QMenu"), WIDGET("QMessageBox"),
    WIDGET("QProgressDialog"), WIDGET("QWizard"),
    PRINT("QPageSetupDialog"), PRINT("QPrintDialog"), PRINT("QPrintPreviewDialog"),
    CORE("QEventLoop"), CORE("QFileSystemWatcher"), CORE("QParallelAnimationGroup"),
    CORE("QProcess"), CORE("QPropertyAnimation"), CORE("QSequentialAnimationGroup"),
    CORE("QSocketNotifier"), CORE("QThread"), CORE("QTimer"),
    QT("QtNetwork", "QLocalSocket"), QT("QtNetwork", "QNetworkAccessManager"),
    QT("QtNetwork", "QTcpSocket"),
    GTK("AboutDialog"), GTK("AppChooserDialog"), GTK("ColorChooserDialog"),
    GTK("ColorSelectionDialog"), GTK("Dialog"), GTK("FileChooserDialog"),
    GTK("FontChooserDialog"), GTK("MessageDialog"),
    "wx.ColourDialog", "wx.Dialog", "wx.DirDialog", "wx.FileDialog", "wx.FontDialog",
    "wx.MessageDialog", "wx.MultiChoiceDialog", "wx.PasswordEntryDialog", "wx.ProgressDialog",
    "wx.SingleChoiceDialog", "wx.TextEntryDialog", NULL};
/* clang-format on */

const Rule rule_lmp232 = {
    .code = "LMP232",
    .name = "window-never-destroyed",
    .summary = "a dialog, menu, timer or thread of a toolkit is made per call and never destroyed",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = callees,
    .is_method = is_name,
    .on_call = check,
    .on_class = check_class,
};
