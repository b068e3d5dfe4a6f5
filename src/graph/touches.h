/* What is done to attributes: the records of touch.c, which picture.c reads. Private to graph/. */
#ifndef LIMPET_GRAPH_TOUCHES_H
#define LIMPET_GRAPH_TOUCHES_H

#include "graph/graph.h"

/* What an operation does to an attribute, as it is written. What it means depends on the kind of
 * the attribute: picture.c. */
typedef enum TouchKind {
    TOUCH_SET,          /* x.attr = … */
    TOUCH_DELETE,       /* del x.attr */
    TOUCH_AUGMENT,      /* x.attr += … */
    TOUCH_ITEM_SET,     /* x.attr[k] = … */
    TOUCH_ITEM_DELETE,  /* del x.attr[k] */
    TOUCH_ITEM_AUGMENT, /* x.attr[k] += … */
    TOUCH_ITEM_READ,    /* x.attr[k] */
    TOUCH_METHOD,       /* x.attr.pop(…), for methods that know/ speaks of */
    TOUCH_LENGTH,       /* len(x.attr) is compared */
    TOUCH_ENTER,        /* with x.attr: */
    TOUCH_PASS,         /* an argument of a call */
    TOUCH_RETURN,       /* returned or yielded */
    TOUCH_KEEP,         /* stored elsewhere */
    TOUCH_SHOW,         /* put into a display */
} TouchKind;
enum {
    TOUCH_ALIAS = 1 << 0, /* through a local variable, an iterator or a call */
    TOUCH_VIEW = 1 << 1,  /* what is touched is a copy, a view or an iterator of it */
    TOUCH_PAIRS = 1 << 2, /* of (key, value) */
    TOUCH_OTHER = 1 << 3, /* not through self or cls: `owner.attr`, `Owner.attr` */
    TOUCH_CLASS = 1 << 4, /* of the class itself: cls.attr, C.attr */
    TOUCH_VALUE = 1 << 5, /* a bound method that is handed out: `f(x.attr.pop)` */
};

typedef struct Touch {
    u32 attribute; /* of Graph.touched */
    u32 file;
    OpId op;
    u8 kind;    /* TouchKind */
    u8 level;   /* 0: the attribute's value, 1: an element of it … */
    u8 flags;   /* TOUCH_* */
    u8 operand; /* TOUCH_PASS, TOUCH_SHOW and TOUCH_VALUE: which operand */
} Touch;

/* An attribute of one class, by the class that the receivers are known to be of. */
typedef struct Touched {
    ClassId owner;
    u32 file; /* of the first mention, whose table has the name */
    StrId name;
    u32 first, n;      /* its touches, in the order of the source */
    u32 next_of_class; /* the class' next one, or 0 */
    u32 next_of_name;  /* the next one of this name, or 0 */
} Touched;

/* Calls of methods of what is not known, by the name of the method. */
typedef struct NamedCalls {
    VEC(OpRef) calls;
    VEC(u32) before; /* of each: 1 + index of the one before it of that name, or 0 */
    Map last;        /* name hash -> 1 + index of the last */
} NamedCalls;

#endif
