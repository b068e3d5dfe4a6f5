/* Private to graph/: windows, timers and threads of toolkits that are made again and again. */
#ifndef LIMPET_GRAPH_WINDOWS_H
#define LIMPET_GRAPH_WINDOWS_H

#include "graph/starting.h"

/* Operations after a call that are looked at; widgets around a widget. */
enum { ROW_OPS = 40, OUTER_WIDGETS = 3 };

/* ---- windowed.c ---- */

/* What the class derives from, or NULL. */
const WindowRow *window_row_of(const Graph *g, ClassId c);
/* A window of Qt with bars, of which there may be many: of this one a program makes few. */
bool is_main_window(const Graph *g, ClassId c);

/* `self` of the method. */
bool is_own_instance(const Graph *g, ScopeRef method, PathId path);
/* The function assigns to the attribute of that name (an id) of some object. */
bool binds_attribute(const Facts *f, ScopeRef function, u32 name);
/* The method of the class is an event handler by its name, or a slot that is connected. */
bool runs_with_event(const Graph *g, ScopeRef method, ClassId owner);

/* What becomes of a value. */
typedef struct Fates {
    const Graph *g;
    const Facts *f;
    u32 file;
    u32 call;       /* the value of this call */
    SymbolId local; /* or what this variable holds */
    Str attribute;
    bool is_returned;
} Fates;

/* The path is the value itself. */
bool fate_is_it(void *fates, PathId path);
/* `menu.deleteLater()`, `Qt.WA_DeleteOnClose`, `sip.delete(menu)`; of Facts. */
bool fate_destroys(void *facts, PathId path);
/* The function names the attribute before the operation `end`. */
bool fate_is_named_before(const Graph *g, ScopeRef function, u32 end, const Fates *of);

/* ---- parented.c ---- */

/* What the call makes gets `self`, a widget of Qt, as its parent, or the main window that an
 * attribute of `self` has, which is noted. */
bool finds_qt_parent(const Graph *g, OpRef call, Windowed *w, ClassId made);

/* ---- brief.c ---- */

/* The owner goes soon with all its children: a dialog, a part of one, up to `outer` widgets around
 * it, a row that its owner makes anew. */
bool is_brief_owner(const Graph *g, ClassId c, u32 outer);

/* `label = Label(…)`: the first local that gets what the call makes. */
void fate_note_local(Fates *look, const Op *op);

/* ---- seldom.c ---- */

/* The window, made by the call and of the class (a name), is one of few, or small. */
bool is_seldom_seen(const Graph *g, OpRef call, const Windowed *w, Str class);
/* A dialog of Qt with widgets of its own, whose parent, which is none, is made once. */
bool stays_with_program(const Graph *g, const Windowed *w, ClassId made);

#endif
