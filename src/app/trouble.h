/* Findings about files instead of code: the tool rules LMP900 to LMP905 that reading gives rise to.
 */
#ifndef LIMPET_APP_TROUBLE_H
#define LIMPET_APP_TROUBLE_H

#include "app/scan.h"
#include "report/report.h"
#include "rule/rule.h"

/* Appends syntax errors, undecodable bytes, skipped and failed files, as far as their rules are
 * selected. Texts go to the scan's arena. */
void trouble_report(const Scan *scan, const Graph *graph, const Selection *selection,
                    Findings *findings);

/* What machine formats say of paths that could not be read, and of files that were read in part or
 * not at all. Texts and list lie in the scan's arena. */
const ReportNotice *trouble_notices(const Scan *scan, u32 *n);

#endif
