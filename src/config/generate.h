/* What is made from the tables of options, commands and rules for others to use: the manual page
 * and the completion of three shells. Private to config/; config.h has generate_write. */
#ifndef LIMPET_CONFIG_GENERATE_H
#define LIMPET_CONFIG_GENERATE_H

#include "config/table.h"

void generate_man(Buf *out);
void generate_bash(Buf *out);
void generate_zsh(Buf *out);
void generate_fish(Buf *out);

#endif
