/* The linked project from inside. Private to graph/.
 *
 *   link.c     the order of the passes              names.c   symbols and paths to entities, texts
 *   module.c   files as modules, import targets     class.c   classes, bases, members, attributes
 *   type.c     classes of values          call.c, driven.c    callers, how often code runs
 *   container.c  what is a long-lived container     use.c     who fills and drains it
 *   held.c     which paths lead to one              follow.c, along.c  whom it is handed to
 *   listed.c   values out of displays of constants
 *   shape.c    what keys and elements are made of   guard.c   what a branch says of a container
 *   carry.c, memo.c, hash.c  questions of their own verdict.c what becomes of a container
 *   touch.c    what is done to attributes           picture.c what that makes of them, by class
 *   breaker.c  which method lets go                 ask.c     small questions
 *   collector.c  what code does with the collector  program.c facts about the programs of a project
 *   finalizer.c, keeper.c, revive.c, unsafe.c,
 *   farewell.c, spent.c, enrolled.c  what __del__ does, what keeps it from it, who misses it
 *   holding.c  containers and attributes as one      same.c    is this key that key
 *   pair.c     additions and their removals          descriptor.c  who is asked by __get__
 *   undone.c   removals of what was made just now
 *   exits.c, caught.c, frame.c, raised.c            exceptions and frames
 *   weak.c, temporary.c, callback.c                 weak references
 *   worker.c, stack.c                               loops that wait, exit stacks
 *   looping.c, unstopped.c                          code that goes on, and who stops it
 *   locking.c, pool.c                               locks and pools: who lets go of them
 *   pending.c, forking.c                            waits that leave tasks, forks beside threads
 *   forever.c                                       what goes on with an object of a request
 *   waits.c, brought.c, given.c, likely.c           what coroutines wait for
 *   grip.c, receiver.c, shared.c, intake.c, undo.c, listener.c  what is given to be called later
 *   instances.c, again.c, solitary.c  how often instances are made, and code runs
 *   acquire.c, handover.c, owned.c, leftover.c, owner.c  resources: who acquires and releases them
 *   logger.c     handlers that are added to loggers
 *   order.c    callees before callers           admitted.c, widget.c  what passes a guard, a name
 *   switched.c, argued.c, once.c  branches that never run, or not by a call; that run once
 *   alone.c    coroutines that have their loop to themselves
 *   creator.c, singleton.c  instances that are kept and handed out again
 *   construct.c, signature.c, contract.c, newcall.c  __new__ and __init__
 *   resident.c who lives as long as the process     called.c  does anything call it
 *   manager.c, late.c  what classes collect and keep  lasting.c owners as methods see them
 *   value.c    what a value is, by its making       holders.c who holds instances of a class
 *   print*.c   limpet graph
 *
 * Names are compared by the 64-bit hash that the facts carry: no string is interned across files.
 */
#ifndef LIMPET_GRAPH_MODEL_H
#define LIMPET_GRAPH_MODEL_H

#include "graph/filter.h"
#include "graph/graph.h"
#include "graph/touches.h"
#include "know/know.h"

/* What a name or path stands for. */
typedef enum EntityKind {
    ENTITY_NONE,
    ENTITY_EXTERNAL, /* something outside the project: `text` is its dotted name */
    ENTITY_MODULE,   /* `file` */
    ENTITY_CLASS,    /* `file`, `id` is the scope */
    ENTITY_FUNCTION, /* `file`, `id` is the scope */
    ENTITY_VARIABLE, /* `file`, `id` is the owning symbol */
    ENTITY_PACKAGE,  /* a prefix of dotted names that `import a.b` bound: `text` */
} EntityKind;

/* Sixteen bytes: there is one for each symbol, and functions return it in two registers. */
typedef struct Entity {
    EntityKind kind : 4;
    u32 file : 28;
    u32 id;           /* of a text its length */
    const char *text; /* see entity_text */
} Entity;

enum { ENTITY_FILES = (1 << 28) - 1 };

static inline Entity entity_at(EntityKind kind, u32 file, u32 id) {
    return (Entity){.kind = kind, .file = file & ENTITY_FILES, .id = id};
}
static inline Str entity_text(Entity e) {
    return (Str){e.text, e.id};
}

/* Where a module's file can be found by a dotted name, relative to one root directory. */
typedef struct ModuleName {
    u32 file;
    u32 root; /* length of the root directory's path in the file's real path */
    u32 next; /* next candidate of the same name, or 0 */
} ModuleName;

/* Names that few files have: of those that have none of a kind some passes need not look at all. */
enum {
    MENTIONS_ALL = 1 << 0,     /* __all__ */
    MENTIONS_DICT = 1 << 1,    /* __dict__ */
    MENTIONS_CLEAR = 1 << 2,   /* cache_clear and its kin, clear */
    MENTIONS_CLOSING = 1 << 3, /* closing, aclosing */
};

typedef struct FileNode {
    Str path, real_path;
    Str module;   /* canonical dotted name */
    u32 root_len; /* of real_path: the directory that module is relative to */
    bool is_package, is_stub, is_test;
    bool is_foreign;      /* C: nothing imports it */
    bool imports_weakref; /* some import speaks of weak references */
    u32 mentions;         /* MENTIONS_* */
    const Facts *facts;   /* never NULL: unreadable files have empty facts */
    u32 *ops_by_kind;     /* all operations, those of one kind together and in their order */
    u32 kind_first[OP_KIND_COUNT + 1]; /* where those of each kind begin in it */
    u32 *class_of_scope;               /* scope -> class id */
    u32 *function_of_scope;            /* scope -> function id */
    u32 *region_effects;               /* by region: see find_region_effects (call.c) */
    u32 *switched_off; /* by region: the test that keeps it from running (switched.c); or NULL */
    VEC(RegionId) off_regions; /* the outermost of them, in order */
    Entity *entities;          /* by symbol: owners, and in files without stars unresolved names */
    u32 *path_entities;        /* by path: which of these it stands for, */
    const Entity *found_entities; /* at full depth; NULL before paths_resolve */
    const Str **scope_names;      /* by scope: full names, as far as somebody asked */
    u32 *callees; /* by op: function id, or class id with CALLEE_CLASS, of what a call calls */
    ClassId *variable_types; /* by symbol: owners only */
    u16 *not_held; /* by path, while a worker is in the file: depths at which it is no container */
    u32 *star_files; /* files that stars lead to, nearest first, this one left out */
    u32 n_star_files;
    bool has_exports;  /* __all__ is written out: */
    Map exports;       /* hashes of its names */
    u32 *star_imports; /* import indexes with a star at module level */
    u32 n_star_imports;
    u32 collector_uses; /* COLLECTOR_* */
    bool makes_threads;
    /* of the programs that the file belongs to: */
    u32 collector_off; /* index of g->switches + 1, or 0 */
    bool has_threads;
} FileNode;

/* The operations of one kind in a file, in their order. */
typedef struct OpList {
    const u32 *v;
    u32 n;
} OpList;

static inline OpList ops_of(const FileNode *file, OpKind kind) {
    u32 first = file->kind_first[kind];
    return (OpList){file->ops_by_kind + first, file->kind_first[kind + 1] - first};
}

/* What the code of a file, or of all files of a program, does with the cyclic collector. */
enum {
    COLLECTOR_ENABLED = 1 << 0,   /* gc.enable */
    COLLECTOR_RUN = 1 << 1,       /* gc.collect, beside once before it is switched off */
    COLLECTOR_THRESHOLD = 1 << 2, /* gc.set_threshold with a number that may not be 0 */
    COLLECTOR_DEBUG = 1 << 3,     /* gc.set_debug with flags that save nothing */
    COLLECTOR_EMPTIED = 1 << 4,   /* gc.garbage is emptied */
    COLLECTOR_FROZEN = 1 << 5,    /* gc.freeze */
    COLLECTOR_UNFROZEN = 1 << 6,  /* gc.unfreeze */
    COLLECTOR_DISABLED = 1 << 7,  /* gc.disable, gc.set_threshold(0) */
};

/* A call that switches the collector. */
typedef struct SwitchNode {
    OpRef op;
    SwitchKind kind;
    Str flag;          /* see CollectorSwitch */
    u32 uses;          /* COLLECTOR_* of all programs that the file can be part of */
    bool in_a_program; /* some program certainly runs it */
} SwitchNode;

/* Entries of FileNode.callees beside function ids. */
#define CALLEE_CLASS 0x80000000u   /* bit: the rest is a class id */
#define CALLEE_OUTSIDE 0x40000000u /* something outside the project, by name */

typedef struct BaseRef {
    ClassId known;
    Str name; /* canonical, when it is outside the project or unknown */
} BaseRef;

typedef struct AttributeDef {
    u32 next; /* the class' next definition of the same attribute, in the order of the source */
    u32 last; /* in the first: the last of them */
    u32 file;
    OpId op;           /* OP_STORE self.x = value, or OP_BIND in the class body */
    u64 key;           /* attribute_key of the class and name */
    u32 next_of_class; /* first definition of the class' next attribute */
} AttributeDef;

typedef struct ClassNode {
    u32 file;
    ScopeId scope;
    bool is_static; /* made at module level, or in the body of such a class */
    BaseRef *bases;
    u32 n_bases;
    ClassId *mro;
    u32 n_mro;
    bool complete; /* all bases are known */
    Str metaclass; /* canonical name of metaclass=, or empty */
    ClassId metaclass_known;
    VEC(ClassId) subclasses;             /* direct */
    u32 first_attribute, last_attribute; /* of attribute_defs, through next_of_class */
    u32 first_touched, last_touched;     /* of touched, through next_of_class */
    VEC(OpRef) calls;                    /* instantiations that are known */
    const ResourceRow *resource;         /* what it is derived from, or NULL (acquire.c) */
    bool escapes;                        /* used as a value: somebody may instantiate it unseen */
    bool is_long_lived;                  /* its instances, by the configuration */
    bool is_serving;                     /* a base is one of know_serving_rows */
    u32 instance_symbol_file; /* the module variable of the only instance, if there is one */
    SymbolId instance_symbol;
    u8 making;    /* Making, by the places that make its own instances */
    Str made_for; /* MAKING_RESIDENT: the first holder */
    Str resident; /* all instances, those of subclasses too, live as long as the process, and
                     there is one: its holder, `pkg.mod.app.pool`; else empty */
} ClassNode;

typedef enum Making {
    MAKING_NONE,     /* nothing makes an instance of the class itself */
    MAKING_RESIDENT, /* each goes to something that lives as long as the process */
    MAKING_OTHER,
} Making;

typedef struct FunctionNode {
    u32 file;
    ScopeId scope;
    ClassId owner;        /* class whose body holds it */
    u8 kind;              /* MethodKind */
    bool is_value;        /* used as a value */
    bool escapes;         /* used as a value, or decorated by something that we do not know */
    bool is_spread;       /* … used by what may run it more than once, which a thread does not */
    bool called_by_name;  /* some call through an unknown receiver has its name */
    bool unknown_callers; /* nobody in the project calls it: its callers are elsewhere */
    bool is_deleted;      /* the module deletes its name: no callers outside */
    bool is_driven;       /* called again and again, as far as shows (driven.c) */
    bool is_served;       /* see graph_is_served */
    bool is_mapped;       /* `map(f, request.languages)`: over what a client sends */
    u8 how_often;         /* HowOften */
    u32 inner;            /* the inner function that it returns, or 0 */
    VEC(OpRef) callers;
    OpId *returns; /* its return statements that have a value */
    u32 n_returns;
    ClassId result; /* class of what it returns, or 0 */
} FunctionNode;

/* Container and level that a path denotes, packed: 0 when it denotes none. */
typedef struct Held {
    u32 container;
    u32 more; /* further containers that the same parameter receives: index of g->aliases, or 0 */
    u8 level; /* 0: the container, 1: an element … */
    u8 flags; /* HELD_* */
} Held;

/* One container that a parameter is given by some call. */
typedef struct Alias {
    u32 container;
    u32 next;
} Alias;
enum {
    HELD_ALIAS = 1 << 0, /* through a local variable, parameter or call */
    HELD_VIEW = 1 << 1,  /* values(), items(), a copy: its elements are the container's */
    HELD_PAIRS = 1 << 2, /* items(): elements are (key, value) */
};

/* `def add(x, put=TABLE.append)`: a method of a container as the default of a parameter. */
typedef struct DefaultMethod {
    u32 file;
    SymbolId parameter;
    const MethodRow *row;
    u32 next; /* the container's next one: index of g->defaults, or 0 */
} DefaultMethod;

/* A function that a function of the project decorates, with nothing else between the two. */
typedef struct Decorated {
    u32 function;
    u32 next;       /* the decorator's next one: index of g->decorated + 1, or 0 */
    bool is_called; /* by what a call of the decorator gives: `@repeat(60)` */
} Decorated;

enum { CALLED_BY_TESTS = 1 << 0, CALLED_BY_CODE = 1 << 1 };

struct Graph {
    Arena *arena;
    GraphSettings settings;
    bool *has_long_lived; /* by index of settings.long_lived: is there such a thing? */
    u32 workers;
    Map process_targets;  /* functions by id that a process is started on: forking.c */
    u32 start_methods;    /* of multiprocessing that the project sets: see forking.c */
    VEC(u32) before_fork; /* functions that run in the parent before each fork: register_at_fork */
    FileNode *files;
    u32 n_files;
    u32 n_python2;       /* files in the syntax of Python 2, tests left out */
    u32 common_root;     /* of the files' real paths: the folder that all lie in, with its '/' */
    Map library_folders; /* hash of the path of a `lib/`, `libs/` or `ext/` -> packages: standing.c
                          */
    Map module_names;    /* hash of a dotted name -> index of names */
    Map module_texts;    /* hashes of the canonical names of all modules */
    Map module_prefixes; /* hashes of what stands before a dot in them */
    VEC(ModuleName) names;
    Map paths;          /* hash of a real path without suffix -> file + 1 */
    ClassNode *classes; /* 1.. */
    u32 n_classes;
    FunctionNode *functions; /* 1.. */
    u32 n_functions;
    NameSet *member_names;    /* by class: members, those of bases included */
    NameSet *attribute_names; /* by class: attributes that methods set, those of bases included */
    Map members;              /* (class, name hash) -> symbol of the class scope */
    Map properties;           /* hashes of names of properties */
    Map attributes;           /* (class, name hash) -> first AttributeDef */
    VEC(AttributeDef) attribute_defs;
    Map attribute_types;    /* attribute_key -> class */
    Map spoken;             /* name hashes of methods that some text names: `getattr(x, "stop")` */
    Map last_methods;       /* name hash of a method -> its function, the last of several */
    u32 *next_methods;      /* by function: the one before it of that name, or 0 */
    Map methods_called;     /* name hash of methods that unknown receivers have: CALLED_BY_* */
    NamedCalls named_calls; /* those outside of tests, of names that methods of the project have */
    Map removed_attributes; /* name hash of attributes that something unknown removes from */
    Touched *touched;       /* 1.. */
    u32 n_touched;
    Touch *touches; /* by attribute, then by file and op */
    u32 n_touches;
    Map touched_of;                  /* attribute_key -> touched */
    Map touched_named;               /* name hash -> touched, the last of that name */
    const struct Outline **outlines; /* those that were asked for: see outlines_begin */
    u32 outline_slots;
    Map touched_attributes; /* name hash of attributes that others set, or tell to stop */
    Map closed_attributes;  /* … that others close: they, or what reads them, ends */
    Map cleared_caches;     /* (file, method name) of methods whose cache somebody empties */
    Container *containers;  /* 1.. */
    u32 n_containers;
    Map container_of;      /* key of a variable or class attribute -> container */
    Map container_names;   /* hashes of their last names: most paths are dismissed by this */
    KeyFilter held_keys;   /* of container_of, container_names and parameter_aliases */
    Map parameter_aliases; /* key of a parameter -> first of aliases */
    Map attribute_aliases; /* attribute_key -> first of aliases: self.x = parameter */
    Map returned;          /* function -> container that it returns */
    VEC(Alias) aliases;
    VEC(SwitchNode) switches; /* in the order of files and operations */
    VEC(Creator) creators;    /* each function that was looked at */
    Map creator_of;           /* (function, kind, class) -> index of creators + 1 */
    VEC(Singleton) singletons;
    Map singleton_of; /* class -> index of singletons + 1 */
    Map unfollowed;   /* containers that some parameter is given beyond what is followed */
    Interner texts;   /* composed names; guarded by text_lock */
    Map defaults_of;  /* container -> first of defaults */
    VEC(DefaultMethod) defaults;
    Arena text_arena;
    int text_lock;
    Models models;
    Map resource_names;    /* hashes of the last names of what acquires resources */
    Map returned_resource; /* function -> index of returned_resources + 1 */
    VEC(Acquired) returned_resources;
    Map given_away; /* function with a container as a default -> index of givings: along.c */
    struct Giving *givings; /* 1.. */
    Map decorated_by;       /* decorating function -> index of decorated + 1 */
    VEC(Decorated) decorated;
};

/* ---- settings.c ---- */

/* Marks the classes that are configured as long-lived; types must be known. */
void settings_apply(Graph *g);
/* The name of the class when its attribute is that of instances that are configured as long-lived,
 * else an empty Str. */
Str settings_holder(Graph *g, ClassId c, Str attribute);
/* Users of the library get at the container. */
bool settings_escapes(const Graph *g, const Container *c);

/* ---- names.c ---- */

static inline u64 name_hash(const Facts *f, StrId s) {
    return f->strings[s.i].hash;
}
static inline u64 hash_mix(u64 a, u64 b) {
    a ^= b + 0x9E3779B97F4A7C15u + (a << 6) + (a >> 2);
    return a * 0xD6E8FEB86659FD93u;
}
/* The module-level symbol of a name, or 0. */
SymbolId module_symbol(const Graph *g, u32 file, u64 name);
/* What the variable (an owner) holds, followed through imports and single assignments. */
Entity entity_of_symbol(const Graph *g, u32 file, SymbolId owner, u32 depth);
/* The builtin that a name without a binding means; nothing in files with star imports. */
Entity entity_of_unresolved(const Graph *g, u32 file, SymbolId symbol);
Entity entity_of_path(const Graph *g, u32 file, PathId path, u32 depth);
/* Finds what every path of a file stands for, as it is asked again and again: each from what its
 * parent does; most are nothing with a name. No answer depends on whether it was done. */
void paths_resolve(Graph *g, u32 file, Arena *scratch);
/* What a selector `.name` leads to from there. */
Entity entity_select(const Graph *g, Entity base, const Facts *f, StrId name, u32 depth);
/* A member of a module by name. */
Entity entity_in_module(const Graph *g, u32 file, Str name, u64 hash, u32 depth);
/* A copy that lives as long as the graph; from any thread. */
const void *graph_keep(const Graph *g, const void *bytes, size_t size);
/* Text that lives as long as the graph; from any thread. */
Str graph_text(const Graph *g, Str text);
Str entity_name(const Graph *g, Entity e);
enum { RESOLVE_DEPTH = 12 };

/* ---- module.c ---- */

/* Follows star imports to their ends, once a file. */
void stars_follow(Graph *g);

void modules_index(Graph *g);
/* For graph_standing (standing.c). */
void common_root_find(Graph *g);
void library_folders_find(Graph *g);
/* The file of a module by absolute dotted name as seen from `importer`, or UINT32_MAX. */
u32 module_find(const Graph *g, u32 importer, Str dotted);
/* … of one that is found in no other way: `storage.users`, in a package that runs inside itself. */
u32 module_inside(const Graph *g, u32 importer, Str dotted);
/* The file that a relative or absolute `from` names: module part only. `*dotted` is the absolute
 * name. */
u32 module_of_import(const Graph *g, u32 importer, const Import *import, Str *dotted);
/* The module that `from module import name` names when `module` is a package without __init__.py.
 */
u32 module_of_name(const Graph *g, u32 importer, const Import *import, Str name);
/* The package that holds a module (for a package the one above it), or UINT32_MAX. */
u32 module_package(const Graph *g, u32 file);
/* The package that a directory is, or UINT32_MAX. */
u32 module_in_directory(const Graph *g, Str directory);
/* A submodule of a package file, or UINT32_MAX. */
u32 module_child(const Graph *g, u32 package, Str name);

/* The class, or function, that an entity of that kind is. */
static inline ClassId entity_class(const Graph *g, Entity e) {
    return (ClassId){g->files[e.file].class_of_scope[e.id]};
}
static inline u32 entity_function(const Graph *g, Entity e) {
    return g->files[e.file].function_of_scope[e.id];
}

/* ---- class.c ---- */

void classes_index(Graph *g);
void classes_link(Graph *g);
void attributes_collect(Graph *g);
/* The test holds for a base of the class, or of one that it derives from. */
bool class_has_base(const Graph *g, ClassId c, bool (*is_it)(const BaseRef *base));
/* The class, or one that derives from it. */
bool class_is_kind_of(const Graph *g, ClassId c, ClassId base);
/* Symbol of a name bound in the body of the class itself, or 0. */
SymbolId member_of(const Graph *g, ClassId c, u64 name);
/* Symbol of a class member by name, searched along the linearised bases; the class that has it. */
SymbolId class_member(const Graph *g, ClassId c, u64 name, ClassId *owner);
/* First definition of `self.name` by the class itself, or NULL. */
const AttributeDef *own_attribute(const Graph *g, ClassId c, u64 name);
/* Does some method of the class, its bases or subclasses set the attribute? */
bool is_set_on_instances(const Graph *g, ClassId c, u64 name);
/* First definition of `self.name` by the class or a base, or NULL. */
const AttributeDef *class_attribute(const Graph *g, ClassId c, u64 name, ClassId *owner);
/* Of a class that makes its constructor of its fields (graph_fields): the one that an argument
 * fills, by position or by keyword, and the class that declares it; or 0. */
SymbolId field_filled(const Graph *g, ClassId c, u32 position, Str keyword, ClassId *owner);
const AttributeDef *attribute_next(const Graph *g, const AttributeDef *def);
/* The class whose instance (`*is_class` false) or which itself (true) the first parameter is. */
ClassId self_class(const Graph *g, u32 file, SymbolId owner, bool *is_class);
/* Function that holds a scope (itself if a function or lambda), or 0. */
ScopeId enclosing_function(const Facts *f, ScopeId s);
/* The one in which an operation stands; its scope is 0 in the code of a module or class. */
static inline ScopeRef function_of_op(const Graph *g, OpRef at) {
    const Facts *f = g->files[at.file].facts;
    return (ScopeRef){at.file, enclosing_function(f, f->regions[f->ops[at.op.i].region.i].scope)};
}

/* ---- type.c ---- */

/* What every call of a file calls, once types are known: FileNode.callees. */
void callees_find(const Graph *g, u32 file, u32 *table);
/* In rounds (rounds.c). */
void types_find(Graph *g);
/* What one round finds, from the tables of the rounds before. */
ClassId variable_type(const Graph *g, u32 file, SymbolId owner, u32 depth);
ClassId attribute_type(const Graph *g, const AttributeDef *def);
ClassId result_type(const Graph *g, u32 function);
/* Method of a class by name hash, or 0. */
u32 method_by_name(const Graph *g, ClassId c, u64 name);

ClassId type_of_path(const Graph *g, u32 file, PathId path, u32 depth);
ClassId type_of_annotation(const Graph *g, u32 file, PathId annotation, u32 depth);
/* Project function that a call calls, methods included; constructors give 0 and *instance the
 * class. */
u32 callee_function(const Graph *g, u32 file, const Op *call, ClassId *instance);

/* ---- call.c ---- */

void calls_link(Graph *g);
/* `def deco(f=None): def inner(f): …; return inner if f is None else inner(f)`: both forms. */
bool is_applied_by(const Graph *g, const FunctionNode *inner, const FunctionNode *maker);
static inline u32 function_id(const Graph *g, u32 file, ScopeId s) {
    return g->files[file].function_of_scope[s.i];
}

/* ---- switched.c ---- */

void switched_find(Graph *g);

/* ---- mild.c ---- */

/* Calls of which nobody thinks that they raise: `print_d(…)`, `log_state(…)`, `x.is_open()`. */
bool call_is_told(const Facts *f, u32 op);
/* `widgets[name] = widget`, by a parameter: a name is given to what one wants to find again. */
bool is_called_name(const Facts *f, PathId key);
/* `await shown.wait()` of an event, a view or a process: it raises when it is cancelled. */
bool call_is_endless_wait(const Graph *g, u32 file, u32 op);
/* `asyncio.sleep(1)`, or the await of one. */
bool call_is_sleep(const Graph *g, u32 file, u32 op);
/* It makes a coroutine, or gives one that it has just made to what runs it later:
 * `background.create(work())`. What the coroutine raises ends there. */
bool call_starts_nothing(const Graph *g, u32 file, u32 op);
/* A wait that ends with an exception when its time is over: `asyncio.wait_for(reply, 5)`,
 * `future.result(timeout=5)`. */
bool call_is_timed_wait(const Graph *g, u32 file, u32 op);
/* How little one thinks of it as something that raises: 4 tells or asks, 3 waits for an event,
 * sleeps, notifies or asks with arguments, 1 has a `raise`, 0 is there to raise. */
u32 call_mildness(const Graph *g, u32 file, u32 op);

/* ---- exits.c, once.c ---- */

/* Another function may bind the variable at any time. */
bool is_bound_elsewhere(const Facts *f, SymbolId owner);
/* The branch around a statement in a loop that binds the path, when no later round takes it, since
 * `if not x:` binds x as well; or 0. */
RegionId region_taken_once(const Facts *f, OpId from, PathId path);

/* ---- collector.c, program.c ---- */

/* Calls that switch the collector, and what each file does with it. */
void switches_find(Graph *g);
/* Does something among the uses (COLLECTOR_*) take such a switch back? */
bool switch_is_undone(SwitchKind kind, u32 uses);
/* What the call depends on inside its function: code that watches memory for a while (a debug or
 * benchmark switch, by the names around), or somebody's wish (any other condition that is not about
 * the interpreter itself). */
void switch_conditions(const Graph *g, OpRef call, bool *watching, bool *asked);
/* Does its function collect before it? */
bool switch_is_after_collection(const Graph *g, OpRef op);
/* See CollectorSwitch.undo. */
OpRef switch_fragile_undo(const Graph *g, OpRef op);
/* Does its function look into gc.garbage? */
bool switch_is_inspected(const Graph *g, OpRef op);
/* Does its function read a clock that measures? */
bool switch_is_timed(const Graph *g, OpRef op);
void programs_find(Graph *g);

/* ---- called.c ---- */

/* Finds the methods that texts name. */
void spoken_find(Graph *g);

/* ---- resident.c ---- */

/* Classes of which each instance is bound to a module variable (instance_symbol). */
void module_instances_find(Graph *g);
/* Classes whose instances live as long as the process (ClassNode.resident). */
void residents_find(Graph *g);
/* `if x is None: x = {}`: made on first use, nothing is let go. */
bool is_made_lazily(const Facts *f, const Op *op);

/* ---- guard.c ---- */

/* What a branch can say about a container. */
typedef enum GuardKind {
    GUARD_EMPTY,     /* `if not x`, `x is None` */
    GUARD_HAS_KEY,   /* `key in x`; which key is not compared */
    GUARD_LACKS_KEY, /* `key not in x` */
} GuardKind;
/* How many operations back, and how many regions up, a function is searched for a test; how many
 * calls of it are. */
enum { GUARD_OPS = 1000, GUARD_REGIONS = 64, GUARD_CALLERS = 8 };
/* Does the operation run only when a test said so, by the branch that it stands in or by an exit
 * before it (`if key in x: return`)? */
bool is_guarded(const Graph *g, u32 file, u32 op_index, u32 container, GuardKind kind);
/* The class whose instances each keep one: the result of the call goes to an attribute of self that
 * the branch has asked for (`if not self._box: self._box = Box(self)`); or 0. *attribute, which
 * may be NULL, gets its name. */
ClassId lazy_owner(const Graph *g, OpRef call, ScopeRef function, Str *attribute);
/* Does the store `x[key] = …` take the place of an entry: has the function read `x[key]` before, of
 * a mapping that raises when it has no such key, or is it asked that `key in x`? */
bool replaces_entry(const Graph *g, u32 file, u32 store);
/* Are the tests of the region joined so that each of them must come out as `outcome`? A mixed
 * condition (`a or b` on the way in, `a and b` on the way past it) says nothing of its parts. */
bool is_conjunction(const Facts *f, const Region *region, bool outcome);

/* ---- touch.c ---- */

/* One pass over all operations: who does what to which attribute, through self, through receivers
 * of a known class, and by name alone (removed_attributes). */
void touches_collect(Graph *g);
/* The touches of the attribute `name` by receivers of exactly this class. */
const Touch *touches_of(const Graph *g, ClassId c, u64 name, u32 *n);
/* True for methods that release what they are called on, by habit: close, stop, join … */
bool is_release_name(Str method);
/* A class of Qt (parented.c). */
bool is_class_of_qt(const Graph *g, ClassId c);
/* A removal from a container, or an addition to one: what verdict.c and manager.c ask alike. */
typedef struct Taking {
    OpRef at;
    ScopeId function; /* around it, or none */
    u32 level;
    PathId key, value;
} Taking;
/* The same function always puts back what it has removed (verdict.c). */
bool puts_back(const Graph *g, const Taking *removal, const Taking *addition);
/* The end of the operations of its function. */
u32 function_end(const Graph *g, const Taking *t);
/* The class, its bases in their order, then its subclasses with their other bases: those whose code
 * works on the same attributes. At most FAMILY_MAX. */
enum { FAMILY_MAX = 200, FAMILY_SLOTS = 256 };
u32 family_of(const Graph *g, ClassId c, ClassId *family);
/* ---- finalizer.c ---- */

/* Functions and classes that one question about a `__del__` looks at, and operations of each. */
enum { FINALIZER_OPS = 20000 };
/* The first parameter of an instance method, or 0. */
SymbolId self_symbol(const Graph *g, ScopeRef method);
/* The method (in the class' own body) that a region belongs to, inner functions included, or 0. */
ScopeId method_around(const Facts *f, RegionId region, ScopeId class_scope);
/* `name` of `self.name…`, or 0; *exact when nothing follows. */
StrId attribute_named(const Facts *f, PathId path, SymbolId self, bool *exact);
/* Calls `visit` for the subject (but a store's own) and the operands of an operation. */
typedef bool PathVisitor(void *context, PathId path);
bool op_paths(const Facts *f, const Op *op, PathVisitor *visit, void *context);
/* The canonical name of the call whose result an expression is: through locals that are bound
 * once, attributes of self whose stores agree, and module globals. Empty when unknown. */
Str maker_of(const Graph *g, u32 file, PathId path);
/* The same for the value of a call. */
Str maker_of_call(const Graph *g, u32 file, const Op *call);
/* What an attribute of the instances is bound to, as far as the class shows. */
typedef enum Origins {
    ORIGINS_UNKNOWN,
    ORIGINS_FRESH, /* made by the class: a call or a display */
    ORIGINS_GIVEN, /* a parameter, a global, an attribute of something else */
} Origins;
Origins attribute_origin(const Graph *g, ClassId c, u64 name);
/* Does an `except` clause, or contextlib.suppress, around the operation take what a finalizer
 * typically fails with? */
bool is_caught(const Graph *g, u32 file, const Op *op);
/* Finds the attributes that are set or closed from outside: touched_attributes, closed_attributes.
 */
void touches_index(Graph *g);
/* Does the operation run whenever its function does (and nothing raised before)? */
bool is_unconditional(const Facts *f, const Op *op);

/* A method that ends what it is called on: `close`, `shutdown` … and not `set` or `notify`. */
bool is_closing_name(Str method);

/* ---- flagged.c ---- */

/* None, False and 0. */
bool is_unset(const Facts *f, PathId value);

/* ---- locking.c ---- */

/* What a value is, by the call that makes it, or by the annotation of a parameter. */
ConcurrentKind concurrent_kind(const Graph *g, u32 file, PathId value);

/* ---- forking.c ---- */

/* How the project says that processes are started. */
void start_methods_find(Graph *g);

/* ---- forever.c ---- */

/* A call of `async def watch(): while True: …` of the project, without a way out. */
bool is_endless_coroutine(const Graph *g, u32 file, const Op *call);
/* Is it `outer` or a region below it? Not when either is none. */
bool region_is_within(const Facts *f, RegionId inner, RegionId outer);
/* The innermost loop of the function around the region, or 0. */
RegionId loop_of_region(const Facts *f, RegionId region);
/* A loop or a comprehension of the same scope is around it. */
bool region_is_in_loop(const Facts *f, RegionId region);

/* ---- waits.c ---- */

/* The function or method that a path names, or none. */
ScopeRef function_named(const Graph *g, u32 file, PathId path);

/* ---- task.c ---- */

/* `asyncio.create_task(…)` and its kin; not of what is a future already. */
bool makes_task(const Graph *g, u32 file, const Op *call);
/* The call gives arguments by `*` or `**`. */
bool call_has_spread(const Facts *f, const Op *call);
/* The argument of a call for the parameter of a function, or 0. */
PathId given_argument(const Graph *g, OpRef call, ScopeRef function, SymbolId parameter);
/* `connect(f, until=…)`: the receiver lets go of it by itself (graph/listener.c). */
bool has_ending_keyword(const Facts *f, const Op *call);

/* ---- value.c ---- */

/* What the value of an expression is, as far as its making or an annotation tells. */
typedef struct Value {
    AttributeKind kind;
    ContainerKind container;
    ResourceKind resource;
    ClassId instance;
    Str made_by;
    bool is_nothing; /* None */
    bool is_fresh;   /* a new container without elements */
} Value;
Value value_find(const Graph *g, u32 file, PathId value, PathId annotation);

/* ---- picture.c ---- */

/* From here on outlines of attributes are remembered: all that they are made of is known. */
void outlines_begin(Graph *g);
AttributeKind attribute_kind(const Graph *g, ClassId c, Str name);

/* ---- holders.c ---- */

/* A variable, attribute or container whose value, or whose elements, are instances of a class. */
typedef struct InstanceHolder {
    Str what; /* "attribute", "module variable" or "container" */
    Str name; /* canonical */
    u32 file;
    Span place;
    bool elements; /* its elements are, or its keys */
    bool weakly;
    ClassId type; /* the class or a subclass of it */
} InstanceHolder;
typedef struct InstanceHolders {
    VEC(InstanceHolder) list; /* in the order of files and source, each holder once */
} InstanceHolders;
/* Walks the whole project: for `limpet graph --class`. */
InstanceHolders holders_of(const Graph *g, ClassId c, Arena *arena);

/* ---- print.c ---- */

const char *holder_text(HolderKind kind);
const char *container_kind_text(ContainerKind kind);
const char *use_text(UseKind kind);
/* The words of a shape, one after the other: begin with *at = 0; NULL at the end. */
const char *shape_text(u32 shape, u32 *at);
void dot_name(Buf *out, Str name);
void dot_edge(Buf *out, Str from, Str to, const char *label, const char *style);

/* ---- acquire.c ---- */

/* Finds the functions that return what they acquire; needs what calls call. */
void resources_find(Graph *g);

/* ---- singleton.c ---- */

/* Needs types and callers. */
void singletons_find(Graph *g);
/* The metaclass of a class, its own or a base's, when it is the project's; or 0. */
ClassId metaclass_of(const Graph *g, ClassId c);
/* ---- ask.c ---- */

void properties_index(Graph *g);

/* ---- memo.c ---- */

/* Finds the caches that are emptied. */
void memos_index(Graph *g);
/* A call of the function gives what an earlier one gave: `@functools.cache`. */
bool is_memoised(const Graph *g, ScopeRef function);

/* ---- holding.c ---- */

/* Finds the methods of containers that are default values of parameters. */
void defaults_index(Graph *g);

/* The function takes what it adds back in an except clause that lets others pass (partly.c). */
bool pairing_in_handlers(const Graph *g, const Holding *h, const Change *added, Pairing *out);

/* ---- container.c, use.c, shape.c ---- */

void containers_find(Graph *g);
/* Whom the containers are handed to (follow.c). */
void aliases_follow(Graph *g);
void uses_collect(Graph *g);
Held held_by(const Graph *g, u32 file, PathId path, u32 depth);
/* A container is also found by an attribute of this name. */
void note_container_name(Graph *g, u64 name);
/* Between the two, for one worker that goes through a file: its paths that lead to nothing are
 * known (in `arena`), which is right as long as no container and no alias is added. */
void held_remember(Graph *g, u32 file, Arena *arena);
void held_forget(Graph *g, u32 file);
u32 shape_of(const Graph *g, u32 file, PathId path, u32 depth);
/* … and of a value of that annotation. */
u32 shape_of_annotation(const Graph *g, u32 file, PathId annotation);
/* `options` of `def f(**options)`: its keys stand in the source, where it is called. */
bool is_keyword_arguments(const Facts *f, PathId path);
/* `except:`, `except Exception:`, `except (OSError, Exception):` */
bool handler_takes_all(const Graph *g, u32 file, const Op *handler);
/* The region stands in the body of a try statement that catches something. */
bool is_in_tried(const Facts *f, RegionId region);
/* `count += 1` of a module variable that is a number, in the function that mentions it. */
bool is_counter(const Facts *f, PathId path);
/* Kind of the container that a value makes, CONTAINER_OTHER for none. */
ContainerKind made_kind(const Graph *g, u32 file, PathId value);
/* The same for what each instance gets: `field(default_factory=dict)`, `attr.ib(factory=list)`. */
ContainerKind field_kind(const Graph *g, u32 file, PathId value);
MadeKind made_of(ContainerKind kind);
ContainerKind kind_of_made(MadeKind made);
/* Key under which a variable or a class attribute is known as a container. */
static inline u64 variable_key(u32 file, SymbolId s) {
    return hash_mix(((u64)file << 32) | s.i, 1);
}
static inline u64 attribute_key(ClassId c, u64 name) {
    return hash_mix(name, (u64)c.i << 8 | 2);
}
/* Of `app.state.jobs`, `request.app.state.jobs`: what a program keeps with its application, of
 * which there is one; 0 for other paths. */
u64 app_state_key(const Facts *f, const Path *p);
static inline u64 function_attribute_key(u32 function, u64 name) {
    return hash_mix(name, (u64)function << 8 | 3);
}
#endif
