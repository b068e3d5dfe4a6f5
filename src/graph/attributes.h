/* Class pictures: what classes do with the attributes of their instances. A part of graph.h, which
 * everybody includes. */
#ifndef LIMPET_GRAPH_ATTRIBUTES_H
#define LIMPET_GRAPH_ATTRIBUTES_H

#include "graph/graph.h"

/* ---- what classes do with their attributes (graph/picture.c, graph/breaker.c) ---- */

/* The picture of an attribute `x` of a class is made of what the class, its bases and its
 * subclasses do with `self.x` (or `cls.x`), in methods and in class bodies, and of what other code
 * does with `owner.x` where the receiver's class is known. Locals that stand for the attribute, its
 * elements, views and iterators are followed inside one function. An attribute is named by a class
 * and a name; a class that inherits it may be asked as well as the one that defines it. */

/* What the definitions of an attribute agree on; definitions that say nothing do not count. */
typedef enum AttributeKind {
    ATTRIBUTE_UNKNOWN,   /* nothing is known, or several kinds */
    ATTRIBUTE_CONTAINER, /* of the project's own making: see Attribute.container */
    ATTRIBUTE_WEAK,      /* weakref.ref, proxy, WeakMethod: the call's result */
    ATTRIBUTE_LOCK,      /* locks, conditions, events, semaphores */
    ATTRIBUTE_RESOURCE,  /* what know_resource knows: see Attribute.resource */
    ATTRIBUTE_TASK,      /* task, future, thread, timer, process */
    ATTRIBUTE_INSTANCE,  /* of a class of the project: see Attribute.instance */
    ATTRIBUTE_FUNCTION,  /* function, lambda, bound method, partial */
    ATTRIBUTE_PLAIN,     /* text, number, bool: it holds no object */
    ATTRIBUTE_OUTSIDE,   /* made by something outside the project: see Attribute.made_by */
} AttributeKind;
const char *attribute_kind_text(AttributeKind kind); /* "container", "lock" … */

typedef enum AttributeUseKind {
    ATTRIBUTE_DEFINED,    /* bound to a value; also to None or an empty container in a constructor,
                             in the class body, or where it was empty (`if x is None: x = {}`) */
    ATTRIBUTE_EMPTIED,    /* all of it goes: = None, = [], del, clear() */
    ATTRIBUTE_GROWS,      /* an element is added: append, [k] =, a read of a defaultdict … */
    ATTRIBUTE_SHRINKS,    /* elements are removed: pop, discard, del [k], [k] = None … */
    ATTRIBUTE_MEASURED,   /* its length is compared: a bound is kept somewhere */
    ATTRIBUTE_RELEASED,   /* closed, stopped, joined: a release method of it (level 0) or of an
                             element (level 1 …); or entered by `with` */
    ATTRIBUTE_HANDED_OUT, /* returned, yielded, passed to code that is not known only to read it,
                             stored elsewhere, put into a display */
} AttributeUseKind;
const char *attribute_use_text(AttributeUseKind kind); /* "defined", "grows" … */

typedef struct AttributeUse {
    AttributeUseKind kind;
    u32 file;
    OpId op;
    Str how;            /* as a reader sees it: "append", "[…] =", "= None", "return" */
    u32 level;          /* 0: the value of the attribute, 1: an element of it … */
    bool through_alias; /* through a local variable, a loop variable or an iterator */
    bool by_other;      /* not through self or cls: code that has the object */
    bool is_callback; /* the bound method is handed out, to be called later: `f(self.x.discard)` */
    bool in_class_body;
    bool of_class; /* through the class, `cls.x` or `C.x`, or in its body: one for all objects */
    bool replaces; /* defined: outside constructors, and not only where it was empty before */
    bool is_weak;  /* defined: None, a weak reference or a weak container */
    PathId key, value; /* in `file`: of the element, or the value that is bound; may be 0. What they
                          are made of: graph_shape */
    HowOften how_often;
    ScopeRef function; /* the enclosing function, none in class bodies and modules */
} AttributeUse;

typedef struct Attribute {
    Str name;
    ClassId owner;       /* the class itself or the nearest base that defines it; 0: nobody does */
    ClassId first_owner; /* the farthest base that does */
    AttributeKind kind;
    ContainerKind container; /* of ATTRIBUTE_CONTAINER, else CONTAINER_OTHER; CONTAINER_WEAK and
                                CONTAINER_BOUNDED are kinds too */
    ResourceKind resource;
    ClassId instance; /* the class of its values, 0 when unknown */
    Str made_by;      /* canonical name of the call that makes it, when its definitions agree */
    u32 n_values;     /* its definitions in methods and from outside that are no literals */
    bool is_cut;      /* it has more uses than one question looks at (1000) */
    bool is_weak;     /* every definition that is not None or plain is weak, and there is one */
    const AttributeUse *uses; /* in the order of files and source; reads are not among them */
    u32 n_uses;
} Attribute;

/* The attributes that the class itself defines, in methods or in its body (if some method uses them
 * through self or cls), in the order in which they are met: pass the name before, begin with an
 * empty one; empty at the end. A step costs what one map look-up costs. */
Str graph_next_attribute(const Graph *g, ClassId c, Str after);
/* The picture; the list of uses is in `arena`. Costs as much as the attribute has uses in the
 * class, its bases and its subclasses (at most 200 classes and 1000 uses). */
Attribute graph_attribute(const Graph *g, ClassId c, Str name, Arena *arena);
/* The picture without its uses: a good deal cheaper, and enough to see that most attributes are
 * none of a rule's business. `is_cut` may become true when the uses are looked at. */
Attribute graph_attribute_outline(const Graph *g, ClassId c, Str name);
/* True when every definition is weak: `weakref.ref(x)`, a proxy, a WeakMethod, a Weak… container,
 * or None; at least one is not None. */
bool graph_attribute_is_weak(const Graph *g, ClassId c, Str name);
/* The class of the values of `self.<name>` on instances of the class, or 0. */
ClassId graph_attribute_class(const Graph *g, ClassId c, Str name);
/* What a key or value is made of: SHAPE_*. */
u32 graph_shape(const Graph *g, u32 file, PathId path);

/* The method of the class, its bases or subclasses that releases the attribute's value, or its
 * elements: those that users can call come first, then `__exit__`, `__del__` and the rest, each in
 * the order of the source. None when nobody does. *where is the call. */
ScopeRef graph_attribute_releaser(const Graph *g, ClassId c, Str name, OpRef *where);

/* Does anything in the project remove from the container in `self.<name>` at `level` or above it
 * (an outer entry goes with all that is in it)? Methods of the class, its bases and its subclasses,
 * code that has the object, a length that is compared, and, where no class is known, removals by
 * name alone. A binding to something else outside constructors removes all; a container that is
 * bounded by kind (`deque(maxlen=…)`) is bounded by its definition, and a weak one removes by
 * itself. Code of tests and `__del__` of the class itself do not count. */
typedef enum RemovalKind {
    REMOVAL_NONE,
    REMOVAL_BY_NAME, /* by code that does not show of which class its receiver is */
    REMOVAL_BOUND,   /* nothing is seen to go, but the length is compared */
    REMOVAL_SURE,
} RemovalKind;
typedef struct Removal {
    RemovalKind kind;
    AttributeUse use; /* the first in the order of the source, for REMOVAL_BOUND and _SURE */
    bool escapes;     /* code that is not followed has the container, or the picture is cut */
} Removal;
Removal graph_attribute_removal(const Graph *g, ClassId c, Str name, u32 level);

/* Does nothing take from the container, measure it or get it, but methods that end the object, and
 * what only these call? True when nothing does at all. (late.c) */
bool graph_is_emptied_late(const Graph *g, const Attribute *a);
/* Is the method given messages or requests, by the names of its parameters, or called by one that
 * is? (late.c) */
bool graph_is_for_each_message(const Graph *g, ScopeRef function);
/* Another container attribute of the class that code which something calls takes single entries out
 * of; name is empty when there is none. One that is filled by the same function, under the same key
 * or with the same value, comes first. */
typedef struct Sibling {
    Str name;
    AttributeUse removal;
    bool is_beside; /* both are filled so, and the removal is code of the class that fills this one,
                       or of a base of it: what another subclass does says nothing */
} Sibling;
Sibling graph_drained_sibling(const Graph *g, ClassId c, Str name, const AttributeUse *add);

/* ---- what classes collect (graph/manager.c) ---- */

typedef enum HoardEnd {
    HOARD_NO_REMOVAL,   /* nothing takes anything out */
    HOARD_IDLE_REMOVAL, /* a function does, and nothing calls it */
    HOARD_OWN_END,      /* `close`, `__exit__` … of the class itself does, and nothing before */
} HoardEnd;

/* An attribute in which the instances of a class collect objects that come from outside or are made
 * for a call, and that nothing takes out of it while the instance is in use. */
typedef struct Hoard {
    HoardEnd end;
    AttributeUse add;     /* the plainest of */
    u32 adds;             /* so many */
    AttributeUse removal; /* HOARD_IDLE_REMOVAL, HOARD_OWN_END */
    OpRef renewal;        /* removes one, and its function always puts it back; or op 0 */
    u32 file;
    Span definition; /* where the container is made, in file */
    ContainerKind kind;
    u32 key_shape, value_shape; /* SHAPE_* of what `add` adds */
    ClassId kept;               /* the class of what is kept, or 0 */
    ScopeRef ends_by;           /* its method that ends it: `close`, or none */
    Str holder;                 /* graph_resident of the class, or empty */
    bool is_made;               /* what is kept is made there, by a class as its name says */
    bool is_room;               /* … is a list, set or dict for each key */
    bool is_plain;              /* a text, a number, or an empty room: alone it weighs nothing */
    bool is_lock;               /* what is kept is a lock, made for its key */
    bool is_named;              /* the key is a parameter `name`: it is there to be found again */
    bool is_few; /* a loop over own parts adds it, or one object under several keys, or workers when
                    a pool starts; another table keeps it anyway; it is a number alone, or the lock
                    of a device or the like */
    bool is_fresh;     /* the key does not come again: a uuid, a time, a counter */
    bool is_guarded;   /* it is asked first whether the key is there */
    bool is_of_source; /* as many as the source has: see graph_is_of_source */
    bool escapes;      /* code that is not followed has the container */
} Hoard;

/* What the class collects in `name`, an attribute that it is the first to define. False when there
 * is nothing, when something removes it, or when instances are known to be brief (parsers,
 * builders, data, tests). The picture is in `arena`. */
bool graph_hoard(const Graph *g, ClassId c, Str name, Arena *arena, Hoard *out);
/* What is added to the table is as many as the source has: the key is an attribute of the element
 * that classes bind in their bodies, or only decorators call the function (graph/sourced.c). */
bool graph_is_of_source(const Graph *g, const AttributeUse *add, Str table);
/* What makes it likely that entries should have been taken out. */
typedef enum HoardSign {
    HOARD_SIGN_NONE,
    HOARD_SIGN_PLAIN, /* the program meets many of them */
    HOARD_SIGN_IDENTITY,
    HOARD_SIGN_SIBLING,
    HOARD_SIGN_LOCK,
    HOARD_SIGN_END,
    HOARD_SIGN_IDLE,
} HoardSign;

HoardSign graph_hoard_sign(const Graph *g, ClassId class, const Hoard *h, Str name);
/* Does the class look as if its instances lived long: held by a module, named a manager, pool,
 * server …, serving for ever, or guarded by a lock or running a task? */
bool graph_looks_lasting(const Graph *g, ClassId c);
/* The same without the lock and the task, which objects have that live for a while only. */
bool graph_is_long_lived(const Graph *g, ClassId c);
/* Do all places that are known to make instances use them up in the same function, and hand them to
 * nobody? */
bool graph_is_used_up(const Graph *g, ClassId c);
/* … and not in a loop, which may go on for long? */
bool graph_is_used_up_soon(const Graph *g, ClassId c);
/* Does the code of a region run only when the container did not have the key: `key not in x.name`,
 * a lookup that found nothing, a KeyError? */
bool graph_asks_first(const Graph *g, u32 file, RegionId region, Str name);

/* A method of the class, its bases or subclasses that lets go of what instances hold in
 * `self.<attribute>`: it is set to None, deleted, emptied or replaced by something else that is
 * fresh, on every path through the method, and users can call it (no `__init__`, `__del__`, no name
 * with a leading underscore unless it is `__exit__`, `__aexit__` or called from such a method). The
 * first in the order of the source, or none. *where is the statement, in that method or in a helper
 * that it calls (one level). Branches that ask whether the attribute holds anything, or a flag that
 * the method sets itself, are not other paths; raising is not one either. A method that is
 * overridden counts through what calls it with super(); one that fills the attribute again later
 * does not count. Methods of other classes (`owner.child.attribute = None`) are not looked at. */
ScopeRef graph_attribute_breaker(const Graph *g, ClassId c, Str attribute, OpRef *where);
/* The same for an object whose class is not known, by the name of the attribute: each class of the
 * project that has it (at most four) lets go of it; the method of one of them, or none. */
ScopeRef graph_breaker_named(const Graph *g, Str attribute);
/* The same as graph_attribute_breaker for an operation that lets go of what the value of
 * `self.<attribute>` holds, or what its elements hold: `self.<attribute>.parent = None`. `drains`:
 * it is done to each of these, in a loop over them. */
ScopeRef graph_breaker_at(const Graph *g, ClassId c, Str attribute, OpRef where, bool drains);
/* In how many methods, but for `__init__` and `__del__`, a way leads through such a statement. */
u32 graph_attribute_clearings(const Graph *g, ClassId c, Str attribute);

#endif
