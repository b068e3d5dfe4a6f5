/* `limpet check`: the whole flow, from paths to a report. */
#ifndef LIMPET_APP_CHECK_H
#define LIMPET_APP_CHECK_H

#include "config/config.h"

/* Runs the check that the options ask for and returns the exit code: 0 nothing found, 1 findings, 2
 * bad usage, a path that could not be read, or an internal failure (after all else was done). */
int check_run(const Options *options);

#endif
