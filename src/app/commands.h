/* The commands of limpet, by the options that ask for them. */
#ifndef LIMPET_APP_COMMANDS_H
#define LIMPET_APP_COMMANDS_H

#include "config/config.h"

/* Runs the command and returns the exit code. */
int command_run(const Options *options);

#endif
