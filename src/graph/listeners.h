/* What is given to something that lives longer, to be called later: who holds it, what it holds,
 * and who takes it back. A part of graph.h, which everybody includes. */
#ifndef LIMPET_GRAPH_LISTENERS_H
#define LIMPET_GRAPH_LISTENERS_H

#include "graph/graph.h"

/* ---- what a callback holds (graph/grip.c) ---- */

typedef enum GripKind {
    GRIP_NONE,
    GRIP_SELF,  /* the instance whose method hands it over */
    GRIP_PART,  /* what the instance has made for itself: `self.server.stop` */
    GRIP_LOCAL, /* variables of the function: a closure over them, a bound method of one */
} GripKind;

typedef struct Grip {
    GripKind kind;
    Carry carry;       /* how the value holds the object */
    PathId value;      /* the argument, in the file */
    PathId object;     /* `self`, `self.server`, the local of a bound method; 0 for closures */
    SymbolId variable; /* GRIP_LOCAL: what weighs most of what it holds */
    u32 n_variables;   /* GRIP_LOCAL: how many it holds */
    Burden burden;     /* GRIP_LOCAL: of that variable */
    ClassId class;     /* GRIP_SELF, GRIP_PART: of the instance */
    ScopeRef method;   /* the method that self belongs to, else the function that runs */
    bool is_new; /* each call makes another one, so that no two are equal: lambda, inner function,
                    partial, fresh object */
} Grip;

/* What does the value of an argument at `at` hold that would otherwise die before the process? */
Grip graph_grip(const Graph *g, u32 file, OpId at, PathId value);

/* ---- how often instances are made (graph/instances.c) ---- */

typedef enum MadeHow {
    MADE_UNSEEN, /* nobody in the project makes one: libraries, classes that others derive from */
    MADE_ONCE,   /* a number of times that the source bounds, at import or start, or once for all */
    MADE_MAYBE,  /* in functions that may run once */
    MADE_OFTEN,  /* per call of functions that run again and again */
} MadeHow;

typedef struct Instances {
    MadeHow making;
    OpRef site;        /* the call that makes it most often; op 0 when unseen */
    bool is_singleton; /* the class, its metaclass or a decorator says that there is one */
    bool is_for_users; /* nobody in the project makes it, or a subclass of it, so that users may */
} Instances;
/* Sites in tests do not count; instances of subclasses do. */
Instances graph_instances(const Graph *g, ClassId c);
/* A process makes one by all that shows: its main function does, outside loops, or what that calls
 * once. Places in tests, demonstrations and other packages do not count; false without any other
 * (graph/solitary.c). Plugins, which their host makes once, are such. */
bool graph_is_solitary(const Graph *g, ClassId c);
/* Users of the library make such objects: a package around its module exports the class, or a
 * public function returns what it makes (graph/offered.c). */
bool graph_is_offered(const Graph *g, ClassId c);
/* Each place that may make more than one puts it into an attribute of an object that is not made
 * again and again, where it stays until the next one takes its place, or into a table there that
 * keeps one for each key. `is_each`: only the latter (graph/instances.c, keyed.c). */
bool graph_stays_with_maker(const Graph *g, ClassId c, bool is_each);
/* The operation is in the constructor, and most instances are made without it: the arguments of
 * some calls close the branch around it, and where they do not, the instances stay with their
 * makers or are made once. */
bool graph_is_seldom_reached(const Graph *g, ClassId c, OpRef at);
/* Whoever keeps instances does no harm: a process makes one, a table of the class itself keeps each
 * in any case, or they hold nothing. */
bool graph_may_stay(const Graph *g, ClassId c);
/* Its constructor hands it to a parent of Qt or wx, which holds it among its children until that
 * goes (graph/parented.c). */
bool graph_is_parented(const Graph *g, ClassId c);
/* A window, timer or thread of a toolkit that a function makes anew with each call, and that
 * nothing destroys: Qt has it among the children of the instance whose method runs, GTK and wx in a
 * list of their own (graph/windowed.c). */
typedef struct Windowed {
    const WindowRow *row;
    ScopeRef function;
    ClassId owner;   /* of the method, or 0 */
    Str window;      /* the attribute of self whose main window is the parent; or empty */
    Str attribute;   /* of self, where the next one takes its place; or empty */
    Str local;       /* or the variable; or empty */
    OpRef connected; /* where the method is given as a slot; op 0 when nothing shows that */
    OpRef dropped;   /* the call, with each event, that drops what the function returns; or op 0 */
    bool is_brief;   /* the instance whose child it is goes soon: a dialog, or part of one */
    bool has_parent; /* of Qt or wx: another window that it goes with */
    bool is_dialog;  /* of Qt: opened and closed again, and mostly small */
    bool is_seldom;  /* few are made, or they are small (graph/seldom.c) */
    bool is_of_main; /* its parent is the main window, or lives as long as that with a dialog that
                        has widgets of its own */
} Windowed;
bool graph_is_windowed(const Graph *g, OpRef call, Windowed *out);
/* A widget of Tk whose name is the same each time: it takes the place of the one before. */
bool graph_takes_place_of_widget(const Graph *g, OpRef call);
/* The calls that make instances of the class itself, when it derives from one of a toolkit. */
u32 graph_window_makings(const Graph *g, ClassId c, const OpRef **calls);
/* Code that runs at import decorates with instances of the class: they are as many as the source
 * has. */
bool graph_is_decorator_class(const Graph *g, ClassId c);
/* Most places outside of tests that make one are statements of modules: what they declare. */
bool graph_is_declared(const Graph *g, ClassId c);

/* Does code run again and again in one process, by all that shows (graph/again.c)? */
typedef struct Again {
    OpRef call;
    ScopeRef function; /* around it */
    ClassId class;     /* whose constructor that is, or 0 */
    bool is_bounded;   /* it runs at import, at start, under a flag of the module, or once for each
                          entry of a cache */
    Confidence confidence; /* that it runs again and again */
} Again;
Again graph_again(const Graph *g, OpRef at);
/* The main function of a program or of one of its processes, or what it calls once. */
bool graph_is_run_by_main(const Graph *g, ScopeRef function);

/* ---- who gets it (graph/receiver.c) ---- */

typedef enum ReceiverKind {
    RECEIVER_BRIEF,     /* it is not known to live longer: made here, or part of the instance */
    RECEIVER_OWN,       /* an attribute of the instance, or the instance itself */
    RECEIVER_PROCESS,   /* a registry of the interpreter */
    RECEIVER_MODULE,    /* a variable of a module, what hangs on it, or what hands it out */
    RECEIVER_CLASS,     /* an attribute of a class, or the class */
    RECEIVER_GIVEN,     /* what the constructor was given, or hangs on that */
    RECEIVER_PARAMETER, /* what another method was given */
    RECEIVER_RESULT,    /* what a function gave that hands out shared things: `get_bus()` */
} ReceiverKind;

typedef struct Receiver {
    ReceiverKind kind;
    PathId holder; /* as written at the call */
    Str name;      /* RECEIVER_MODULE: of what is handed out, `app.bus`; empty when it is written */
    bool is_longer; /* RECEIVER_GIVEN: some site that makes the instance gives what outlives it */
    bool is_shared; /* … a variable of a module */
    OpRef site;     /* that site */
    bool is_brief;  /* … or of an object of one request or connection, as the instance may be */
} Receiver;
/* Who gets what a call hands to `holder`, as seen from the object that `grip` is about. */
Receiver graph_receiver(const Graph *g, u32 file, OpId call, PathId holder, const Grip *grip);

/* What a function of the project does with a callback that it is given. */
typedef struct Intake {
    bool is_known;     /* the function and what it does are seen: */
    bool keeps;        /* … and it stores the callback, or hands it to code that is not */
    bool is_weak;      /* … weakly */
    bool is_slot;      /* … in an attribute, where the next one replaces it */
    bool is_emptied;   /* what fires the callbacks lets go of them */
    ScopeRef function; /* that stores it */
    OpRef store;
    ClassId owner; /* the class in whose attribute it is stored, or 0 */
    Str attribute;
    ScopeRef undo;         /* a method of that class that takes elements out again, or none */
    ScopeRef end;          /* … that lets go of all when the receiver is done: `close`; or none */
    ContainerId container; /* a long-lived one, or 0 */
} Intake;
/* For operand `operand` of the call. */
Intake graph_intake(const Graph *g, u32 file, OpId call, u32 operand);
/* Does somebody call the undo method with this attribute of something else than self:
 * `bus.unsubscribe(session.on_event)`? With an empty name: with anything of something else. */
bool graph_intake_is_undone(const Graph *g, const Intake *intake, Str name);
/* Does somebody call the undo method for all callbacks of an owner at once, by its name or number:
 * `bus.unsubscribe_all(session.id)`? Or a method of that name of something unknown? */
bool graph_intake_is_undone_for_all(const Graph *g, const Intake *intake);

/* ---- the whole (graph/listener.c) ---- */

/* Pairs of the project's own; they live as long as the graph. Called once, before anybody asks. */
void graph_use_models(Graph *g, const Models *models);
const Models *graph_models(const Graph *g);
/* The canonical name of what a call calls: through imports and aliases, of a method of the project
 * by its definition, of a method of something else by what made the receiver:
 * `asyncio.AbstractEventLoop.add_reader`. Empty when it cannot be told. */
Str graph_called_name(const Graph *g, u32 file, OpId call);
/* The row of a call, by that name; NULL when there is none. */
const PairRow *graph_pair(const Graph *g, u32 file, OpId call);
/* The call says by a keyword how the callback is held, or the row does. */
PairHold graph_pair_hold(const Graph *g, u32 file, OpId call, const PairRow *row);

/* One operand of a call that is kept to be called. */
typedef struct Listener {
    const PairRow *row; /* or NULL: by its name, or by the project's configuration */
    const Model *model; /* or NULL */
    Str verb;           /* "subscribe" */
    u32 operand;
    Grip grip;
    Receiver receiver;
    Intake intake; /* when the receiver is of the project */
    bool is_once;
    bool is_of_module; /* a function of a module that is imported whole takes it */
    bool is_gobject;   /* `connect` of a GObject, which holds it strongly */
} Listener;
/* False when the call keeps nothing that could outlive its use, or keeps it weakly. */
bool graph_listener(const Graph *g, u32 file, OpId call, Listener *out);
/* What the timer calls is a method of the instance, each way through it ends with `return True`, so
 * that it is called for ever, and nobody has its number to stop it. */
bool graph_always_goes_on(const Graph *g, const Listener *l, OpRef call);

/* Does the class (its bases, its subclasses), or for a function the function, take back what the
 * call gave? By name; whom it is called on is not compared. Also when the receiver is closed by the
 * same class. *where is the first such call. */
bool graph_is_undone(const Graph *g, u32 file, OpId call, const Listener *l, OpRef *where);
/* The same function puts what it gave into a list, too: to take it back, as it seems. */
bool graph_is_noted(const Graph *g, OpRef call, const Listener *l);
/* The same for an assignment to, or a call of, a slot of the process: something else is put there.
 */
bool graph_slot_is_restored(const Graph *g, OpRef store, const PairRow *row, ClassId c);
/* Does the operation run once for all, by a test of a flag of the module or class? */
bool graph_is_once(const Graph *g, u32 file, OpId op);
/* The same for certain: the function sets the flag, and no other one takes that back
 * (graph/flagged.c). */
bool graph_passes_once(const Graph *g, OpRef at);
/* Does each call of the function that is known, but in tests, pass once? False when there may be
 * others. */
bool graph_is_called_once_each(const Graph *g, ScopeRef function);
/* How surely a call of `addHandler` or `addFilter` gives a new handler to a logger that others have
 * too: low when it does not, or when the file asks what is there or removes handlers
 * (graph/logger.c). */
Confidence graph_new_handler(const Graph *g, OpRef call, const Grip *grip);
/* The name of the logger that a path in the function leads to, as far as a call of `getLogger`
 * says: "jobs", "root", the module's for `__name__`; or empty. */
Str graph_logger_name(const Graph *g, ScopeRef function, PathId logger);
/* The name of a method that takes back what the call gave, for messages; empty when there is none.
 * `room` (64 bytes at least) may be used. */
Str graph_undo_name(const Listener *l, char *room, u32 size);

#endif
