#include "app/commands.h"

#include "app/check.h"
#include "app/console.h"
#include "app/scan.h"
#include "app/stored.h"
#include "cpu/cpu.h"
#include "graph/graph.h"
#include "heap/heap.h"
#include "report/report.h"
#include "root/root.h"
#include "rule/rule.h"

/* Most commands make one text from the options; the exit code says how that went. */
typedef int TextCommand(const Options *options, Buf *out);

static int write_rule(const Options *options, Buf *out) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    if (options->all_rules) rules_index(out);
    for (u32 i = 0; options->all_rules && i < n; i++) {
        buf_char(out, '\n');
        rule_page(&all[i], out);
    }
    if (!options->all_rules && !options->words.n) {
        console_error("which rule? 'limpet rules' lists them");
        return EXIT_TROUBLE;
    }
    for (u32 i = 0; i < options->words.n; i++) {
        Str word = options->words.v[i];
        const RuleEntry *entry = rules_find(word);
        Str near = rules_nearest(word);
        if (!entry && near.n)
            console_error("unknown rule '%.*s'; did you mean '%.*s'?", STR_ARG(word),
                          STR_ARG(near));
        else if (!entry)
            console_error("unknown rule '%.*s'; 'limpet rules' lists them", STR_ARG(word));
        if (!entry) return EXIT_TROUBLE;
        if (i) buf_char(out, '\n');
        rule_page(entry, out);
    }
    return EXIT_CLEAN;
}

static int write_rules(const Options *options, Buf *out) {
    (void)options;
    rules_list(out);
    return EXIT_CLEAN;
}

/* Files that were skipped leave a hole in the output, which must not look like an empty file. */
static u32 complain_skipped(const Scan *scan) {
    u32 skipped = 0;
    for (u32 i = 0; i < scan->n; i++) {
        const ScanFile *file = &scan->files[i];
        bool is_skipped = file->state == SCAN_TOO_LARGE || file->state == SCAN_GENERATED;
        skipped += is_skipped;
        if (is_skipped)
            console_error("'%.*s' is %s, and was skipped", STR_ARG(file->path),
                          file->state == SCAN_GENERATED ? "marked '@generated'"
                                                        : "larger than --max-file-size");
    }
    return skipped;
}

static int write_facts(const Options *options, Buf *out) {
    if (!options->words.n) {
        console_error("which file? 'limpet facts FILE' prints what is extracted from it");
        return EXIT_TROUBLE;
    }
    Scan scan;
    scan_discover(&scan, out->arena, options);
    scan_read(&scan, NULL); /* nothing of it is in git */
    for (u32 i = 0; i < scan.n; i++) {
        if (scan.files[i].state != SCAN_READ) continue;
        if (scan.n > 1) buf_printf(out, "%s== %.*s\n", i ? "\n" : "", STR_ARG(scan.files[i].path));
        if (scan.files[i].is_c)
            cunit_print(&scan.files[i].unit, out);
        else
            facts_print(&scan.files[i].facts, out);
    }
    u32 problems = scan_complain(&scan) + complain_skipped(&scan);
    scan_free(&scan);
    return problems ? EXIT_TROUBLE : EXIT_CLEAN;
}

static const GraphForm FORMS[] = {
    [GRAPH_TEXT] = GRAPH_FORM_TEXT, [GRAPH_DOT] = GRAPH_FORM_DOT, [GRAPH_JSON] = GRAPH_FORM_JSON};

/* Who holds instances of the classes, by the summaries of functions. */
static GraphPaths *find_paths(const Graph *graph, const Options *options, const ClassId *classes,
                              u32 n, Arena *arena) {
    Heap *heap = heap_build(arena, graph, options->jobs);
    GraphPaths *all = arena_array(arena, GraphPaths, n + 1);
    for (u32 i = 0; i < n; i++) {
        HeapPath *paths;
        u32 count = heap_paths_to(heap, classes[i], arena, &paths);
        GraphPath *out = arena_array(arena, GraphPath, count + 1);
        for (u32 k = 0; k < count; k++)
            out[k] = (GraphPath){paths[k].text,
                                 paths[k].class,
                                 paths[k].function,
                                 paths[k].file,
                                 graph_facts(graph, paths[k].file)->ops[paths[k].op.i].span,
                                 paths[k].is_weak,
                                 paths[k].is_brief,
                                 paths[k].is_unsure};
        all[i] = (GraphPaths){out, count};
    }
    heap_free(heap);
    return all;
}

/* The classes that were asked for, each once; false when there is none of some name. */
static bool write_classes(const Graph *graph, const Options *options, Buf *out) {
    VEC(ClassId) classes = {0};
    Map seen = {0};
    for (u32 i = 0; i < options->graph_classes.n; i++) {
        Str name = options->graph_classes.v[i];
        ClassId *found;
        u32 n = graph_classes_named(graph, name, out->arena, &found);
        Str near = graph_class_nearest(graph, name);
        if (!n && near.n)
            console_error("no class '%.*s'; did you mean '%.*s'?", STR_ARG(name), STR_ARG(near));
        else if (!n)
            console_error("no class '%.*s' in what was read", STR_ARG(name));
        if (!n) return false;
        for (u32 k = 0; k < n; k++) {
            if (map_get(&seen, found[k].i)) continue;
            map_set(out->arena, &seen, found[k].i, 1);
            vec_push(out->arena, &classes, found[k]);
        }
    }
    const GraphPaths *paths = find_paths(graph, options, classes.v, classes.n, out->arena);
    graph_print_classes(graph, classes.v, paths, classes.n, FORMS[options->graph_format], out);
    return true;
}

/* The roots that were asked for; false when there is none of some name. */
static bool write_roots(const Graph *graph, const Options *options, Buf *out) {
    RootList roots = {0};
    for (u32 i = 0; i < options->graph_roots.n; i++) {
        Str name = options->graph_roots.v[i];
        if (roots_find(graph, name, out->arena, &roots)) continue;
        Str near = roots_nearest(graph, name, out->arena);
        if (near.n)
            console_error("no root '%.*s'; did you mean '%.*s'?", STR_ARG(name), STR_ARG(near));
        else
            console_error("no root '%.*s' in what was read", STR_ARG(name));
        return false;
    }
    Heap *heap = heap_build(out->arena, graph, options->jobs);
    roots_print(heap, graph, &roots, options->graph_depth, FORMS[options->graph_format], out);
    heap_free(heap);
    return true;
}

static void write_summaries(const Graph *graph, const Options *options, Buf *out) {
    Heap *heap = heap_build(out->arena, graph, options->jobs);
    heap_print_text(heap, out);
    heap_free(heap);
}

static void write_profiles(const Graph *graph, const Options *options, Buf *out) {
    Cpu *cpu = cpu_build(out->arena, graph, options->jobs, true);
    cpu_print_text(cpu, out);
    cpu_free(cpu);
}

static int write_graph(const Options *typed, Buf *out) {
    Config config;
    if (!config_load(&config, out->arena, typed)) {
        console_problems(&config.problems);
        return EXIT_TROUBLE;
    }
    const Options *options = &config.options;
    Scan scan;
    scan_discover(&scan, out->arena, options);
    scan_read(&scan, NULL); /* nothing of it is in git */
    Graph *graph = scan_link(&scan);
    bool found = true;
    if (options->graph_summaries)
        write_summaries(graph, options, out);
    else if (options->graph_profiles)
        write_profiles(graph, options, out);
    else if (options->graph_singletons)
        graph_print_singletons(graph, out);
    else if (options->graph_roots.n)
        found = write_roots(graph, options, out);
    else if (options->graph_classes.n)
        found = write_classes(graph, options, out);
    else if (options->graph_format == GRAPH_DOT)
        graph_print_dot(graph, out);
    else if (options->graph_format == GRAPH_JSON)
        graph_print_json(graph, out);
    else
        graph_print_text(graph, out);
    u32 problems = scan_complain(&scan) + !found;
    graph_free(graph);
    scan_free(&scan);
    return problems ? EXIT_TROUBLE : EXIT_CLEAN;
}

static int write_config(const Options *options, Buf *out) {
    if (options->wants_schema)
        config_schema(out);
    else if (!options->words.n)
        config_explain_all(out);
    for (u32 i = 0; i < options->words.n; i++) {
        Str word = options->words.v[i], near = config_key_nearest(word);
        if (i) buf_char(out, '\n');
        if (config_explain(word, out)) continue;
        if (near.n)
            console_error("unknown key '%.*s'; did you mean '%.*s'?", STR_ARG(word), STR_ARG(near));
        else
            console_error("unknown key '%.*s'; 'limpet config' lists them", STR_ARG(word));
        return EXIT_TROUBLE;
    }
    return EXIT_CLEAN;
}

static int write_generated(const Options *options, Buf *out) {
    Str word = options->words.n ? options->words.v[0] : (Str){0}, near = {0};
    if (word.n && generate_write(word, out, &near)) return EXIT_CLEAN;
    if (!word.n)
        console_error("what? 'limpet generate man', or a shell: bash, zsh, fish");
    else if (near.n)
        console_error("nothing to generate is called '%.*s'; did you mean '%.*s'?", STR_ARG(word),
                      STR_ARG(near));
    else
        console_error("nothing to generate is called '%.*s'; there are man, bash, zsh, fish",
                      STR_ARG(word));
    return EXIT_TROUBLE;
}

static int write_clean(const Options *typed, Buf *out) {
    Config config;
    if (!config_load(&config, out->arena, typed)) {
        console_problems(&config.problems);
        return EXIT_TROUBLE;
    }
    Str folder = stored_folder(out->arena, &config), problem;
    Str shown = config_shown_path(out->arena, folder);
    u32 files = 0;
    if (folder.n && !cache_remove(out->arena, folder, &files, &problem)) {
        console_error("cannot remove '%.*s': %.*s", STR_ARG(shown), STR_ARG(problem));
        return EXIT_TROUBLE;
    }
    if (config.options.quiet || !folder.n) return EXIT_CLEAN;
    buf_text(out, files ? "Removed '" : "Nothing to remove: no '");
    report_escape(out, shown);
    buf_text(out, "'\n");
    return EXIT_CLEAN;
}

static int write_version(const Options *options, Buf *out) {
    (void)options;
    buf_text(out, "limpet " LIMPET_VERSION "\n");
    return EXIT_CLEAN;
}

static int write_help(const Options *options, Buf *out) {
    Command command = options->wants_help ? options->command : COMMAND_CHECK;
    if (options->command == COMMAND_HELP && options->words.n) {
        Str word = options->words.v[0];
        command = command_find(word);
        if (command == COMMAND_COUNT) {
            Str near = command_nearest(word);
            if (rules_find(word))
                console_error("'%.*s' is a rule: 'limpet rule %.*s' explains it", STR_ARG(word),
                              STR_ARG(word));
            else if (near.n)
                console_error("unknown command '%.*s'; did you mean '%.*s'?", STR_ARG(word),
                              STR_ARG(near));
            else
                console_error("unknown command '%.*s'; 'limpet help' lists them", STR_ARG(word));
            return EXIT_TROUBLE;
        }
        options_help(command, false, out);
        return EXIT_CLEAN;
    }
    options_help(command, command == COMMAND_CHECK, out);
    return EXIT_CLEAN;
}

static TextCommand *text_command(const Options *options) {
    if (options->wants_help) return write_help;
    if (options->wants_version) return write_version;
    switch (options->command) {
    case COMMAND_RULE:
        return write_rule;
    case COMMAND_RULES:
        return write_rules;
    case COMMAND_FACTS:
        return write_facts;
    case COMMAND_GRAPH:
        return write_graph;
    case COMMAND_CONFIG:
        return write_config;
    case COMMAND_GENERATE:
        return write_generated;
    case COMMAND_CLEAN:
        return write_clean;
    case COMMAND_VERSION:
        return write_version;
    case COMMAND_HELP:
        return write_help;
    case COMMAND_CHECK:
    case COMMAND_COUNT:
        break;
    }
    return NULL;
}

int command_run(const Options *options) {
    TextCommand *command = text_command(options);
    if (!command) return check_run(options);
    Arena arena = {0};
    Buf out = {.arena = &arena};
    int code = command(options, &out);
    int written = console_write(buf_get(&out), options->output_file);
    arena_free(&arena);
    return MAX(code, written);
}
