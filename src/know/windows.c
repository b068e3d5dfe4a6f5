/* Classes of toolkits whose objects a function makes for one use, and which the toolkit holds until
 * somebody destroys them, by the last word of their name (Qt) or the last two (GTK, Tk, wxPython).
 *
 * Sources: Qt, "Object Trees & Ownership"; PyQt6, "sip: ownership of objects" (a parent owns the
 * wrapper too); GTK 3, `gtk_widget_destroy` ("GTK+ itself owns the initial reference on top-level
 * windows"); wxPython, "Window Deletion Overview" (dialogs are destroyed by `Destroy`); wxWidgets,
 * src/gtk/filedlg.cpp, msgdlg.cpp … (native dialogs are not put into `wxTopLevelWindows`); CPython,
 * Lib/tkinter/__init__.py (`Misc.children`, which `destroy` takes the widget out of). */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const WindowRow windows[] = {
    {"Gtk.AboutDialog", TOOLKIT_GTK, 0},
    {"Gtk.AppChooserDialog", TOOLKIT_GTK, 0},
    {"Gtk.ColorChooserDialog", TOOLKIT_GTK, 0},
    {"Gtk.ColorSelectionDialog", TOOLKIT_GTK, 0},
    {"Gtk.Dialog", TOOLKIT_GTK, 0},
    {"Gtk.FileChooserDialog", TOOLKIT_GTK, 0},
    {"Gtk.FontChooserDialog", TOOLKIT_GTK, 0},
    {"Gtk.MessageDialog", TOOLKIT_GTK, 0},
    {"QColorDialog", TOOLKIT_QT, 0},
    {"QDialog", TOOLKIT_QT, 0},
    {"QErrorMessage", TOOLKIT_QT, 0},
    {"QEventLoop", TOOLKIT_QT, 0},
    {"QFileDialog", TOOLKIT_QT, 0},
    {"QFileSystemWatcher", TOOLKIT_QT, 0},
    {"QFontDialog", TOOLKIT_QT, 0},
    {"QInputDialog", TOOLKIT_QT, 0},
    {"QLocalSocket", TOOLKIT_QT, 0},
    {"QMenu", TOOLKIT_QT, 0},
    {"QMessageBox", TOOLKIT_QT, 0},
    {"QNetworkAccessManager", TOOLKIT_QT, 0},
    {"QPageSetupDialog", TOOLKIT_QT, 0},
    {"QParallelAnimationGroup", TOOLKIT_QT, 0},
    {"QPrintDialog", TOOLKIT_QT, 0},
    {"QPrintPreviewDialog", TOOLKIT_QT, 0},
    {"QProcess", TOOLKIT_QT, 0},
    {"QProgressDialog", TOOLKIT_QT, 0},
    {"QPropertyAnimation", TOOLKIT_QT, 2},
    {"QSequentialAnimationGroup", TOOLKIT_QT, 0},
    {"QSocketNotifier", TOOLKIT_QT, 2},
    {"QTcpSocket", TOOLKIT_QT, 0},
    {"QThread", TOOLKIT_QT, 0},
    {"QTimer", TOOLKIT_QT, 0},
    {"QWizard", TOOLKIT_QT, 0},
    {"Tkinter.Menu", TOOLKIT_TK, 0},
    {"gtk.Dialog", TOOLKIT_GTK, 0},
    {"gtk.FileChooserDialog", TOOLKIT_GTK, 0},
    {"gtk.MessageDialog", TOOLKIT_GTK, 0},
    {"tkinter.Menu", TOOLKIT_TK, 0},
    {"wx.ColourDialog", TOOLKIT_WX_NATIVE, 0},
    {"wx.Dialog", TOOLKIT_WX, 0},
    {"wx.DirDialog", TOOLKIT_WX_NATIVE, 0},
    {"wx.FileDialog", TOOLKIT_WX_NATIVE, 0},
    {"wx.FontDialog", TOOLKIT_WX_NATIVE, 0},
    {"wx.MessageDialog", TOOLKIT_WX_NATIVE, 0},
    {"wx.MultiChoiceDialog", TOOLKIT_WX, 0},
    {"wx.PasswordEntryDialog", TOOLKIT_WX, 0},
    {"wx.ProgressDialog", TOOLKIT_WX, 0},
    {"wx.SingleChoiceDialog", TOOLKIT_WX, 0},
    {"wx.TextEntryDialog", TOOLKIT_WX, 0},
};
/* clang-format on */

const WindowRow *know_windows(u32 *n) {
    *n = ARRAY_LEN(windows);
    return windows;
}

bool know_is_qt_name(Str name) {
    return name.n > 2 && name.p[0] == 'Q' && name.p[1] >= 'A' && name.p[1] <= 'Z' &&
           name.p[2] >= 'a' && name.p[2] <= 'z';
}

/* `Gtk.Dialog` of `gi.repository.Gtk.Dialog` */
static Str last_two(Str name) {
    u32 dots = 0;
    for (u32 i = name.n; i > 0; i--)
        if (name.p[i - 1] == '.' && ++dots == 2) return str_sub(name, i, name.n);
    return name;
}

const WindowRow *know_window(Str name) {
    Str last = str_after_last(name, '.');
    u32 n = ARRAY_LEN(windows);
    u32 i =
        table_find(windows, n, sizeof windows[0], know_is_qt_name(last) ? last : last_two(name));
    return i < n ? &windows[i] : NULL;
}

/* ---- what lets go of them, and what runs again and again ---- */

static bool is_among(Str name, const char *const *words, u32 n) {
    for (u32 i = 0; i < n; i++)
        if (str_is(name, words[i])) return true;
    return false;
}

bool know_destroys_window(Str name) {
    static const char *const WORDS[] = {"Destroy",   "deleteLater", "destroy",
                                        "destroyed", "setParent",   "set_parent"};
    /* also a constant of the project that stands for it */
    if (str_ends(name, "DeleteWhenStopped") || str_ends(name, "DeleteOnClose")) return true;
    return is_among(name, WORDS, ARRAY_LEN(WORDS));
}

bool know_speaks_of_end(Str name) {
    static const char *const WORDS[] = {"delete", "destroy", "dispose", "garbage"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_contains(name, WORDS[i])) return true;
    return false;
}

bool know_is_brief_window(Str class_name) {
    static const char *const ENDS[] = {"Dialog",      "Page",     "Popup",
                                       "Preferences", "Settings", "Wizard"};
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_ends(class_name, ENDS[i])) return true;
    return false;
}

bool know_runs_window(Str method) {
    static const char *const WORDS[] = {"ShowModal", "exec", "exec_"};
    return is_among(method, WORDS, ARRAY_LEN(WORDS));
}

bool know_is_message_window(Str class_name) {
    static const char *const ENDS[] = {"MessageBox", "Message", "Warning", "Confirmation"};
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_ends(class_name, ENDS[i])) return true;
    return false;
}

/* `About` of `AboutDialog` */
static Str stem_of_window(Str class_name) {
    static const char *const ENDS[] = {"Box", "Dialog", "Dlg", "Form", "Window"};
    for (u32 i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_ends(class_name, ENDS[i]))
            return str_sub(class_name, 0, class_name.n - (u32)strlen(ENDS[i]));
    return class_name;
}

static bool ends_with_any(Str name, const char *const *words, u32 n) {
    for (u32 i = 0; i < n; i++)
        if (str_ends(name, words[i])) return true;
    return false;
}

bool know_is_help_window(Str class_name) {
    static const char *const WORDS[] = {"About", "Credits", "Help", "Licence", "License"};
    return ends_with_any(stem_of_window(class_name), WORDS, ARRAY_LEN(WORDS));
}

/* Not `Settings` and `Options`: those of a project or a tool are opened often. */
bool know_is_rare_window(Str class_name) {
    static const char *const WORDS[] = {"Config", "Encoding", "Language", "Locale", "Preferences"};
    return ends_with_any(stem_of_window(class_name), WORDS, ARRAY_LEN(WORDS));
}

bool know_opens_help(Str method) {
    static const char *const BEFORE[] = {"action", "click", "display", "do",   "handle",
                                         "menu",   "on",    "open",    "show", "slot"};
    Str word = str_public(method);
    for (u32 i = 0; i < ARRAY_LEN(BEFORE); i++) {
        if (!str_starts(word, BEFORE[i])) continue;
        word = str_public(str_sub(word, (u32)strlen(BEFORE[i]), word.n));
        i = UINT32_MAX; /* the words may follow one another in any order */
    }
    static const char *const WORDS[] = {"About",     "AboutBox",     "AboutDialog", "about",
                                        "about_box", "about_dialog", "aboutbox"};
    return is_among(word, WORDS, ARRAY_LEN(WORDS));
}

bool know_is_main_window_name(Str name) {
    static const char *const WORDS[] = {"mainWin", "mainWindow", "main_win", "main_window",
                                        "mainwin", "mainwindow", "mw"};
    return is_among(str_public(name), WORDS, ARRAY_LEN(WORDS));
}

/* Not what fills a window: lists, trees, grids, panels. */
bool know_is_small_control(Str class_name) {
    static const char *const WORDS[] = {"CheckBox",     "Choice",     "ComboBox", "Control",
                                        "Gauge",        "PyControl",  "Slider",   "SpinCtrl",
                                        "StaticBitmap", "StaticText", "Window"};
    if (!str_starts(class_name, "wx.")) return false;
    Str last = str_after_last(class_name, '.');
    return str_ends(last, "Button") || is_among(last, WORDS, ARRAY_LEN(WORDS));
}

/* Not `closeEvent`: it comes once. */
bool know_is_window_event(Str method) {
    static const char *const WORDS[] = {
        "actionEvent",       "changeEvent",    "contextMenuEvent", "dragEnterEvent",
        "dragLeaveEvent",    "dragMoveEvent",  "dropEvent",        "enterEvent",
        "eventFilter",       "focusInEvent",   "focusOutEvent",    "hoverEnterEvent",
        "hoverLeaveEvent",   "hoverMoveEvent", "keyPressEvent",    "inputMethodEvent",
        "keyReleaseEvent",   "leaveEvent",     "mouseMoveEvent",   "mousePressEvent",
        "mouseReleaseEvent", "moveEvent",      "paintEvent",       "resizeEvent",
        "tabletEvent",       "timerEvent",     "viewportEvent",    "mouseDoubleClickEvent",
        "wheelEvent"};
    return is_among(method, WORDS, ARRAY_LEN(WORDS));
}

bool know_is_showing_event(Str method) {
    return str_is(method, "showEvent") || str_is(method, "hideEvent");
}

bool know_is_model_event(Str method) {
    static const char *const WORDS[] = {"createEditor", "dropMimeData", "editorEvent", "fetchMore",
                                        "setData"};
    return is_among(method, WORDS, ARRAY_LEN(WORDS));
}
