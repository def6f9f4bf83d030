/* Commands on identifiers, versions and vectors: no server, no database, one line in, one line out. */
#include "cli/lines.h"
#include "ident/cvss.h"

static void put_tenths(struct writer *out, int tenths)
{
	if (tenths < 0)
		writer_text(out, "\t-");
	else
		writer_printf(out, "\t%d.%d", tenths / 10, tenths % 10);
}

static bool cvss_line(struct invocation *call unused, struct str vector, struct writer *out,
		      struct err *err)
{
	struct cvss cvss;

	writer_put(out, vector);
	if (!cvss_parse(vector, &cvss, err)) {
		writer_byte(out, '\t');
		return false;
	}

	struct cvss_scores scores = cvss_score(&cvss);

	put_tenths(out, scores.base);
	put_tenths(out, scores.temporal);
	put_tenths(out, scores.environmental);
	writer_printf(out, "\t%s",
		      cvss_severity_name(cvss_severity(cvss.version, cvss_overall(&scores))));
	return true;
}

static bool cvss(struct invocation *call, struct err *err)
{
	return lines_run(call, 0, cvss_line, err);
}

static const struct command rows[] = {
	{ .name = "cvss",
	  .usage = "[VECTOR|-]",
	  .least = 0,
	  .most = 1,
	  .zh = "CVSS 评分:向量、基础分、时间分、环境分、严重程度",
	  .en = "CVSS scores: vector, base, temporal, environmental, severity",
	  .run = cvss },
};

const struct command_list ident_commands = { rows, nitems(rows) };
