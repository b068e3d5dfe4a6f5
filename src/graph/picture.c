/* The class picture. */
#include "graph/model.h"
