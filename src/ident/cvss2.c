/* CVSS v2.0, section 3.2: the equations, each rounded to one decimal as they say. */
#include <math.h>

#include "ident/cvss_metrics.h"

enum { AV, AC, AU, C, I, A, E, RL, RC, CDP, TD, CR, IR, AR };

/* By the metric's place and the value's place in the table; a metric that is not given counts like the first. */
static const double weights[][6] = {
	[AV] = { 0.395, 0.646, 1.0 },         [AC] = { 0.35, 0.61, 0.71 },
	[AU] = { 0.45, 0.56, 0.704 },         [C] = { 0.0, 0.275, 0.660 },
	[I] = { 0.0, 0.275, 0.660 },          [A] = { 0.0, 0.275, 0.660 },
	[E] = { 1.0, 0.85, 0.9, 0.95, 1.0 },  [RL] = { 1.0, 0.87, 0.90, 0.95, 1.0 },
	[RC] = { 1.0, 0.90, 0.95, 1.0 },      [CDP] = { 0.0, 0.0, 0.1, 0.3, 0.4, 0.5 },
	[TD] = { 1.0, 0.0, 0.25, 0.75, 1.0 }, [CR] = { 1.0, 0.5, 1.0, 1.51 },
	[IR] = { 1.0, 0.5, 1.0, 1.51 },       [AR] = { 1.0, 0.5, 1.0, 1.51 },
};

static double weight(const struct cvss *cvss, int metric)
{
	int value = cvss->value[metric];

	return weights[metric][value ? value - 1 : 0];
}

/* To tenths, halves up; the small addend undoes what binary fractions lack. */
static int tenths(double score)
{
	return (int)floor(score * 10 + 0.5 + 1e-9);
}

static int base_of(const struct cvss *cvss, double impact)
{
	double exploitability = 20 * weight(cvss, AV) * weight(cvss, AC) * weight(cvss, AU);
	double factor = impact == 0 ? 0 : 1.176;
	int score = tenths((0.6 * impact + 0.4 * exploitability - 1.5) * factor);

	return score < 0 ? 0 : score > 100 ? 100 : score;
}

static int temporal_of(const struct cvss *cvss, int base)
{
	return tenths(base / 10.0 * weight(cvss, E) * weight(cvss, RL) * weight(cvss, RC));
}

static bool any_given(const struct cvss *cvss, int first, int last)
{
	for (int i = first; i <= last; i++) {
		if (cvss->value[i])
			return true;
	}
	return false;
}

static int environmental_of(const struct cvss *cvss)
{
	double left = (1 - weight(cvss, C) * weight(cvss, CR)) *
		      (1 - weight(cvss, I) * weight(cvss, IR)) *
		      (1 - weight(cvss, A) * weight(cvss, AR));
	double impact = 10.41 * (1 - left);
	double temporal = temporal_of(cvss, base_of(cvss, impact < 10 ? impact : 10)) / 10.0;

	return tenths((temporal + (10 - temporal) * weight(cvss, CDP)) * weight(cvss, TD));
}

struct cvss_scores cvss2_score(const struct cvss *cvss)
{
	double left = (1 - weight(cvss, C)) * (1 - weight(cvss, I)) * (1 - weight(cvss, A));
	int base = base_of(cvss, 10.41 * (1 - left));

	return (struct cvss_scores){
		.base = base,
		.temporal = any_given(cvss, E, RC) ? temporal_of(cvss, base) : -1,
		.environmental = any_given(cvss, CDP, AR) ? environmental_of(cvss) : -1,
	};
}
