/* What a file does with the cyclic collector: the calls of `gc` that switch it off, and whatever
 * switches it on again. Few files mention gc at all: the others are dismissed by their imports. */
#include "graph/model.h"

/* ---- names of gc ---- */

/* A `gc` that is bound nowhere comes from a star import, or from the session that a text was copied
 * out of. */
static bool mentions_gc(const Facts *f) {
    for (u32 i = 1; i < f->n_imports; i++)
        if (str_is(facts_str(f, f->imports[i].module), "gc") ||
            str_is(facts_str(f, f->imports[i].name), "gc"))
            return true;
    for (u32 i = 1; i < f->n_symbols; i++)
        if (f->symbols[i].flags & SYMBOL_UNRESOLVED &&
            str_is(facts_str(f, f->symbols[i].name), "gc"))
            return true;
    return false;
}

static bool is_gc(Entity e) {
    Str name = entity_text(e);
    return e.kind == ENTITY_EXTERNAL && (str_is(name, "gc") || str_is(name, "builtins.gc"));
}

static bool is_member(Str name) {
    static const char *const NAMES[] = {"enable",   "disable",   "collect", "freeze",
                                        "unfreeze", "set_debug", "garbage", "set_threshold"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return str_starts(name, "DEBUG_");
}

/* "disable" for a path that means `gc.disable`, else empty. */
static Str gc_member(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_ATTR) {
        if (!is_member(facts_str(f, (StrId){p->id}))) return (Str){0};
        Entity base = entity_of_path(g, file, p->parent, RESOLVE_DEPTH);
        return is_gc(base) ? facts_str(f, (StrId){p->id}) : (Str){0};
    }
    if (p->kind != PATH_SYMBOL) return (Str){0};
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind != ENTITY_EXTERNAL || !str_starts(entity_text(e), "gc.")) return (Str){0};
    return str_sub(entity_text(e), 3, e.id);
}

/* ---- arguments ---- */

/* Flags of gc.set_debug: of those that can be told. */
typedef struct Flags {
    u32 known;
    bool is_partial; /* others may be among them */
    Str saves;       /* the name or number that has DEBUG_SAVEALL in it */
} Flags;

enum { FLAG_SAVEALL = 32, FLAGS_DEPTH = 8 };

/* Integers as they are written: 38, 0x26, 0b100110, 0o46, 38L. */
static bool integer_of(Str text, u32 *value) {
    u32 base = 10, at = 0;
    if (text.n > 2 && text.p[0] == '0') {
        u8 mark = (u8)text.p[1] | 0x20;
        base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
        at = base == 10 ? 0 : 2;
    }
    for (*value = 0; at < text.n; at++) {
        u8 c = (u8)text.p[at] | 0x20;
        if (text.p[at] == '_' || (c == 'l' && at + 1 == text.n)) continue;
        u32 digit = c >= 'a' ? c - 'a' + 10u : (u8)text.p[at] - '0' + 0u;
        if (digit >= base || *value > (UINT32_MAX >> 5)) return false;
        *value = *value * base + digit;
    }
    return true;
}

static u32 flag_by_name(Str name) {
    static const struct {
        const char *name;
        u32 flags;
    } FLAGS[] = {{"DEBUG_STATS", 1},
                 {"DEBUG_COLLECTABLE", 2},
                 {"DEBUG_UNCOLLECTABLE", 4},
                 {"DEBUG_INSTANCES", 8},
                 {"DEBUG_OBJECTS", 16},
                 {"DEBUG_SAVEALL", FLAG_SAVEALL},
                 {"DEBUG_LEAK", 4 | 2 | FLAG_SAVEALL}};
    for (u32 i = 0; i < ARRAY_LEN(FLAGS); i++)
        if (str_is(name, FLAGS[i].name)) return FLAGS[i].flags;
    return 0;
}

static Flags flags_of(const Graph *g, u32 file, PathId path, u32 depth);

static Flags flags_of_op(const Graph *g, u32 file, const Op *op, u32 depth) {
    const Facts *f = g->files[file].facts;
    bool joins = op->kind == OP_BINARY &&
                 ((op->flags & OP_LOW) == OPERATOR_OR || (op->flags & OP_LOW) == OPERATOR_ADD);
    if (op->kind == OP_LOAD) return flags_of(g, file, op_path(op), depth);
    if (!joins) return (Flags){.is_partial = true};
    Flags a = flags_of(g, file, op_operand(f, op, 0), depth);
    Flags b = flags_of(g, file, op_operand(f, op, 1), depth);
    return (Flags){a.known | b.known, a.is_partial || b.is_partial, a.saves.n ? a.saves : b.saves};
}

static Flags flags_known(u32 value, Str text) {
    return (Flags){.known = value, .saves = value & FLAG_SAVEALL ? text : (Str){0}};
}

/* Names bound once are followed, into other modules too. */
static Flags flags_of(const Graph *g, u32 file, PathId path, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    const Flags unknown = {.is_partial = true};
    u32 value;
    if (!depth) return unknown;
    if (p->kind == PATH_LITERAL && p->flags == LITERAL_INT) {
        Str text = facts_str(f, (StrId){p->id});
        return integer_of(text, &value) ? flags_known(value, text) : unknown;
    }
    if (p->kind == PATH_OP) return flags_of_op(g, file, &f->ops[p->id], depth - 1);
    Str member = gc_member(g, file, path);
    if ((value = flag_by_name(member))) return flags_known(value, member);
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind != ENTITY_VARIABLE) return unknown;
    const Facts *there = g->files[e.file].facts;
    const Symbol *s = &there->symbols[e.id];
    const Op *bind = &there->ops[s->bind.i];
    if (s->binds != 1 || bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_ASSIGN)
        return unknown;
    return flags_of(g, e.file, bound_value(there, bind), depth - 1);
}

static SwitchKind kind_of_call(const Graph *g, u32 file, const Op *call, Str member, Str *flag) {
    const Facts *f = g->files[file].facts;
    if (str_is(member, "disable")) return SWITCH_DISABLES;
    if (str_is(member, "freeze")) return SWITCH_FREEZES;
    if (str_is(member, "set_threshold")) {
        Flags first = flags_of(g, file, call_argument(f, call, 0, NULL), FLAGS_DEPTH);
        return first.is_partial || first.known ? SWITCH_NONE : SWITCH_THRESHOLD;
    }
    if (!str_is(member, "set_debug")) return SWITCH_NONE;
    Flags flags = flags_of(g, file, call_argument(f, call, 0, "flags"), FLAGS_DEPTH);
    *flag = flags.saves;
    return flags.known & FLAG_SAVEALL ? SWITCH_SAVES : SWITCH_NONE;
}

/* ---- the scan ---- */

/* `del gc.garbage[:]`, `gc.garbage.clear()`, `gc.garbage[:] = []`. */
static bool empties_garbage(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    if (op->kind != OP_DELETE && op->kind != OP_STORE && op->kind != OP_CALL) return false;
    const Path *p = &f->paths[op->subject];
    if (is_path_root((PathKind)p->kind) || !str_is(gc_member(g, file, p->parent), "garbage"))
        return false;
    if (op->kind != OP_CALL) return true;
    Str method = p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : (Str){0};
    return str_is(method, "clear") || str_is(method, "pop");
}

static u32 use_by_name(Str member) {
    if (str_is(member, "enable")) return COLLECTOR_ENABLED;
    if (str_is(member, "collect")) return COLLECTOR_RUN;
    if (str_is(member, "unfreeze")) return COLLECTOR_UNFROZEN;
    return 0;
}

static bool calls_between(const Facts *f, u32 first, u32 end) {
    for (u32 i = first; i < end; i++)
        if (f->ops[i].kind == OP_CALL) return true;
    return false;
}

/* Collecting once before the collector is switched off in the same piece of code, or at once after
 * it, is tidying up and not what replaces it. */
static bool is_tidying(const Graph *g, u32 file, u32 collect) {
    const Facts *f = g->files[file].facts;
    const Region *at = &f->regions[f->ops[collect].region.i];
    for (const Region *r = at; r->scope.i == at->scope.i; r = &f->regions[r->parent.i])
        if (r->kind == REGION_FOR || r->kind == REGION_WHILE) return false;
    for (u32 i = 0; i < g->switches.n; i++) {
        OpRef off = g->switches.v[i].op;
        bool same = off.file == file && g->switches.v[i].kind != SWITCH_SAVES &&
                    f->regions[f->ops[off.op.i].region.i].scope.i == at->scope.i;
        if (same && (off.op.i > collect || !calls_between(f, off.op.i + 1, collect))) return true;
    }
    return false;
}

static void scan_call(Graph *g, u32 file, u32 op_index) {
    FileNode *node = &g->files[file];
    const Op *op = &node->facts->ops[op_index];
    Str member = gc_member(g, file, op_path(op));
    if (!member.n) return;
    Str flag = {0};
    SwitchKind kind = kind_of_call(g, file, op, member, &flag);
    if (kind) {
        SwitchNode node_of_call = {.op = {file, {op_index}}, .kind = kind, .flag = flag};
        vec_push(g->arena, &g->switches, node_of_call);
        if (kind == SWITCH_FREEZES) node->collector_uses |= COLLECTOR_FROZEN;
        if (kind == SWITCH_DISABLES || kind == SWITCH_THRESHOLD)
            node->collector_uses |= COLLECTOR_DISABLED;
    } else if (str_is(member, "set_threshold")) {
        node->collector_uses |= COLLECTOR_THRESHOLD;
    } else if (str_is(member, "set_debug")) {
        node->collector_uses |= COLLECTOR_DEBUG;
    } else if (!str_is(member, "collect")) { /* see is_tidying */
        node->collector_uses |= use_by_name(member);
    }
}

static void scan_file(Graph *g, u32 file) {
    FileNode *node = &g->files[file];
    const Facts *f = node->facts;
    for (u32 i = 1; i < f->n_ops; i++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_CALL) scan_call(g, file, i);
        if (empties_garbage(g, file, op)) node->collector_uses |= COLLECTOR_EMPTIED;
        bool binds_import = op->kind == OP_BIND && (op->flags & OP_LOW) == BIND_IMPORT;
        for (u32 k = 0; k < op->operands && !binds_import; k++) /* handed to somebody */
            node->collector_uses |= use_by_name(gc_member(g, file, op_operand(f, op, k)));
    }
    for (u32 i = 1; i < f->n_ops; i++)
        if (f->ops[i].kind == OP_CALL && !(node->collector_uses & COLLECTOR_RUN) &&
            str_is(gc_member(g, file, op_path(&f->ops[i])), "collect") && !is_tidying(g, file, i))
            node->collector_uses |= COLLECTOR_RUN;
}

void switches_find(Graph *g) {
    for (u32 file = 0; file < g->n_files; file++)
        if (mentions_gc(g->files[file].facts)) scan_file(g, file);
}

bool switch_is_undone(SwitchKind kind, u32 uses) {
    switch (kind) {
    case SWITCH_DISABLES:
        return uses & COLLECTOR_ENABLED;
    case SWITCH_THRESHOLD:
        return uses & COLLECTOR_THRESHOLD;
    case SWITCH_SAVES:
        return uses & (COLLECTOR_DEBUG | COLLECTOR_EMPTIED);
    case SWITCH_FREEZES:
        return uses & COLLECTOR_UNFROZEN;
    default:
        return false;
    }
}

/* ---- what stands around a switch ---- */

/* The function's own calls of a member of gc, from `first` on. */
static u32 next_gc_call(const Graph *g, u32 file, ScopeId scope, u32 first, const char *member) {
    const Facts *f = g->files[file].facts;
    u32 end = f->scopes[scope.i].op_end;
    for (u32 i = first; i < end; i++)
        if (f->ops[i].kind == OP_CALL && f->regions[f->ops[i].region.i].scope.i == scope.i &&
            str_is(gc_member(g, file, op_path(&f->ops[i])), member))
            return i;
    return 0;
}

bool switch_is_after_collection(const Graph *g, OpRef op) {
    const Facts *f = g->files[op.file].facts;
    ScopeId scope = f->regions[f->ops[op.op.i].region.i].scope;
    u32 collect = next_gc_call(g, op.file, scope, f->scopes[scope.i].op_first, "collect");
    return collect && collect < op.op.i;
}

static bool stands_in(const Facts *f, RegionId inner, RegionId outer) {
    while (inner.i && inner.i != outer.i) inner = f->regions[inner.i].parent;
    return inner.i != 0;
}

/* `if was_enabled:` and the like, by the names in the test. */
static bool asks_whether_enabled(const Facts *f, const Region *r) {
    for (u32 i = r->test_first; r->kind == REGION_IF && i < r->test_end; i++) {
        PathId path = f->ops[i].kind == OP_TEST ? op_path(&f->ops[i]) : (PathId){0};
        const Path *root = facts_root(f, path);
        Str name = root->kind == PATH_SYMBOL ? facts_str(f, f->symbols[root->id].name) : (Str){0};
        if (str_ends(name, "enabled") || str_starts(name, "gc")) return true;
    }
    return false;
}

/* Does the code go from the one to the other when nothing raises? */
static bool leads_to(const Facts *f, u32 from, u32 to) {
    RegionId at = f->ops[to].region;
    while (at.i && !stands_in(f, f->ops[from].region, at)) {
        if (!asks_whether_enabled(f, &f->regions[at.i])) return false;
        at = f->regions[at.i].parent;
    }
    return at.i != 0;
}

OpRef switch_fragile_undo(const Graph *g, OpRef op) {
    const Facts *f = g->files[op.file].facts;
    ScopeId scope = f->regions[f->ops[op.op.i].region.i].scope;
    OpRef found = {0};
    if (f->scopes[scope.i].kind == SCOPE_MODULE) return found;
    for (u32 i = op.op.i; (i = next_gc_call(g, op.file, scope, i + 1, "enable"));) {
        if (!leads_to(f, op.op.i, i)) return (OpRef){0}; /* `finally`, `except`, a child process */
        if (!found.op.i) found = (OpRef){op.file, {i}};
    }
    return found;
}

bool switch_is_inspected(const Graph *g, OpRef op) {
    const Facts *f = g->files[op.file].facts;
    ScopeId scope = f->regions[f->ops[op.op.i].region.i].scope;
    for (u32 i = f->scopes[scope.i].op_first; i < f->scopes[scope.i].op_end; i++) {
        const Op *o = &f->ops[i];
        if (f->regions[o->region.i].scope.i != scope.i) continue;
        if (op_subject((OpKind)o->kind) == SUBJECT_PATH &&
            str_is(gc_member(g, op.file, op_path(o)), "garbage"))
            return true;
        for (u32 k = 0; k < o->operands; k++)
            if (str_is(gc_member(g, op.file, op_operand(f, o, k)), "garbage")) return true;
    }
    return false;
}

/* ---- conditions ---- */

/* Words in names that tell of somebody who looks at memory for a while. */
static bool is_watching_name(Str name) {
    static const char *const WORDS[] = {"debug",   "bench",  "profil", "trace",   "leak",
                                        "verbose", "timeit", "timing", "diagnos", "measur"};
    char room[64];
    u32 n = MIN(name.n, (u32)sizeof room);
    for (u32 i = 0; i < n; i++)
        room[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] | 0x20) : name.p[i];
    Str low = {room, n};
    for (u32 at = 0; at < n; at++) {
        Str rest = str_sub(low, at, n);
        bool begins = !at || room[at - 1] == '_'; /* not "latest", not "perform" */
        if (begins && (str_starts(rest, "test") || str_is(rest, "perf"))) return true;
        for (u32 w = 0; w < ARRAY_LEN(WORDS); w++)
            if (str_starts(rest, WORDS[w])) return true;
    }
    return false;
}

static bool is_watching_path(const Facts *f, PathId path) {
    for (const Path *p = &f->paths[path.i]; p->kind; p = &f->paths[p->parent.i]) {
        Str name = {0};
        if (p->kind == PATH_SYMBOL) name = facts_str(f, f->symbols[p->id].name);
        if (p->kind == PATH_ATTR || p->kind == PATH_CONST || p->kind == PATH_LITERAL)
            name = facts_str(f, (StrId){p->id});
        if (is_watching_name(name)) return true;
    }
    return false;
}

/* What the interpreter is decides, not what somebody asked for: `hasattr(gc, "freeze")`,
 * `sys.version_info`, `os.name`. */
static bool is_settled_name(Str name) {
    static const char *const SETTLED[] = {"gc",
                                          "six",
                                          "platform",
                                          "os.name",
                                          "sys.version_info",
                                          "sys.platform",
                                          "sys.version",
                                          "sys.hexversion",
                                          "sys.implementation",
                                          "builtins.hasattr"};
    for (u32 i = 0; i < ARRAY_LEN(SETTLED); i++) {
        Str known = str_from(SETTLED[i]);
        if (str_starts(name, SETTLED[i]) && (name.n == known.n || name.p[known.n] == '.'))
            return true;
    }
    return false;
}

static bool is_settled_path(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    for (; path.i; path = f->paths[path.i].parent) {
        PathKind kind = (PathKind)f->paths[path.i].kind;
        /* the operands of what an operation made are judged by themselves */
        if (kind == PATH_OP || kind == PATH_LITERAL) return true;
        if (kind != PATH_SYMBOL && kind != PATH_ATTR) continue;
        Str name = entity_name(g, entity_of_path(g, file, path, RESOLVE_DEPTH));
        return is_settled_name(name);
    }
    return true;
}

typedef enum Condition { CONDITION_NONE, CONDITION_ASKED, CONDITION_WATCHING } Condition;

static Condition condition_of_test(const Graph *g, u32 file, const Region *r) {
    const Facts *f = g->files[file].facts;
    Condition worst = CONDITION_NONE;
    for (u32 i = r->test_first; i < r->test_end; i++) {
        const Op *op = &f->ops[i];
        for (u32 k = 0; k <= op->operands; k++) {
            bool subject = k == op->operands;
            if (subject && op_subject((OpKind)op->kind) != SUBJECT_PATH) continue;
            PathId path = subject ? op_path(op) : op_operand(f, op, k);
            if (is_watching_path(f, path)) return CONDITION_WATCHING;
            if (!is_settled_path(g, file, path)) worst = CONDITION_ASKED;
        }
    }
    return worst;
}

static Condition condition_of_region(const Graph *g, u32 file, const Region *r) {
    switch (r->kind) {
    case REGION_IF:
    case REGION_ELSE:
    case REGION_THEN:
    case REGION_OTHERWISE:
    case REGION_SHORT_CIRCUIT:
        return condition_of_test(g, file, r);
    case REGION_EXCEPT:
    case REGION_CASE:
        return CONDITION_ASKED;
    default:
        return CONDITION_NONE;
    }
}

/* `if not DEBUG: return` before the call. */
static bool is_behind_watching_exit(const Graph *g, u32 file, u32 op_index) {
    const Facts *f = g->files[file].facts;
    ScopeId scope = f->regions[f->ops[op_index].region.i].scope;
    u32 first = f->scopes[scope.i].op_first;
    if (op_index > GUARD_OPS) first = MAX(first, op_index - GUARD_OPS);
    for (u32 i = first; i < op_index; i++) {
        const Region *r = &f->regions[f->ops[i].region.i];
        if (f->ops[i].kind == OP_RETURN && r->scope.i == scope.i &&
            condition_of_region(g, file, r) == CONDITION_WATCHING)
            return true;
    }
    return false;
}

/* The function reads a clock that only measurements need. */
bool switch_is_timed(const Graph *g, OpRef op) {
    static const char *const CLOCKS[] = {"time.perf_counter", "time.perf_counter_ns",
                                         "time.process_time", "time.process_time_ns",
                                         "time.clock",        "timeit.default_timer"};
    const Facts *f = g->files[op.file].facts;
    ScopeId scope = f->regions[f->ops[op.op.i].region.i].scope;
    for (u32 i = f->scopes[scope.i].op_first; i < f->scopes[scope.i].op_end; i++) {
        if (f->ops[i].kind != OP_CALL) continue;
        Str name = graph_name_of(g, op.file, op_path(&f->ops[i]));
        for (u32 c = 0; c < ARRAY_LEN(CLOCKS); c++)
            if (str_is(name, CLOCKS[c])) return true;
    }
    return false;
}

static bool has_watching_home(const Graph *g, u32 file, ScopeId scope) {
    const FileNode *node = &g->files[file];
    const Facts *f = node->facts;
    for (; scope.i > 1; scope = f->scopes[scope.i].parent)
        if (is_watching_name(facts_str(f, f->scopes[scope.i].name))) return true;
    return is_watching_name(str_after_last(node->module, '.'));
}

void switch_conditions(const Graph *g, OpRef call, bool *watching, bool *asked) {
    const Facts *f = g->files[call.file].facts;
    RegionId at = f->ops[call.op.i].region;
    ScopeId scope = f->regions[at.i].scope;
    *watching =
        has_watching_home(g, call.file, scope) || is_behind_watching_exit(g, call.file, call.op.i);
    *asked = false;
    for (; at.i && f->regions[at.i].scope.i == scope.i; at = f->regions[at.i].parent) {
        Condition c = condition_of_region(g, call.file, &f->regions[at.i]);
        *watching |= c == CONDITION_WATCHING;
        *asked |= c == CONDITION_ASKED;
    }
}
