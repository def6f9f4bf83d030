/* CVSS v3.0 and v3.1: the equations of section 7 (3.1) and 8 (3.0), rounding up by appendix A of 3.1. */
#include <math.h>

#include "ident/cvss_metrics.h"

enum { AV, AC, PR, UI, S, C, I, A, E, RL, RC, CR, IR, AR, MAV, MAC, MPR, MUI, MS, MC, MI, MA };

static const double av[] = { 0.85, 0.62, 0.55, 0.2 };
static const double ac[] = { 0.77, 0.44 };
static const double pr_unchanged[] = { 0.85, 0.62, 0.27 };
static const double pr_changed[] = { 0.85, 0.68, 0.5 };
static const double ui[] = { 0.85, 0.62 };
static const double cia[] = { 0.56, 0.22, 0 };
static const double requirement[] = { 1, 1.5, 1, 0.5 };
static const double e[] = { 1, 1, 0.97, 0.94, 0.91 };
static const double rl[] = { 1, 1, 0.97, 0.96, 0.95 };
static const double rc[] = { 1, 1, 0.96, 0.92 };

/* The value's place from 0; for a base metric its modified sister counts where that is given. */
static size_t place(const struct cvss *cvss, int metric)
{
	int value = cvss->value[metric];

	return value ? (size_t)value - 1 : 0;
}

static size_t modified(const struct cvss *cvss, int base, int sister)
{
	int value = cvss->value[sister];

	return value > 1 ? (size_t)value - 2 : place(cvss, base);
}

/* The smallest tenth that is not less; on hundred-thousandths, so that binary fractions do not lift it (appendix A). */
static int round_up(double score)
{
	int64_t fine = (int64_t)floor(score * 100000 + 0.5);

	return (int)((fine + 9999) / 10000);
}

static int capped(double score)
{
	return round_up(score < 10 ? score : 10);
}

static double exploitability(size_t v, size_t c, size_t p, size_t u, bool changed)
{
	return 8.22 * av[v] * ac[c] * (changed ? pr_changed[p] : pr_unchanged[p]) * ui[u];
}

static int base_of(const struct cvss *cvss)
{
	bool changed = place(cvss, S) == 1;
	double iss = 1 - (1 - cia[place(cvss, C)]) * (1 - cia[place(cvss, I)]) *
				 (1 - cia[place(cvss, A)]);
	double impact = changed ? 7.52 * (iss - 0.029) - 3.25 * pow(iss - 0.02, 15) : 6.42 * iss;
	double ease = exploitability(place(cvss, AV), place(cvss, AC), place(cvss, PR),
				     place(cvss, UI), changed);

	if (impact <= 0)
		return 0;
	return capped(changed ? 1.08 * (impact + ease) : impact + ease);
}

static int environmental_of(const struct cvss *cvss, double temporal_factor)
{
	bool changed = modified(cvss, S, MS) == 1;
	double left = (1 - cia[modified(cvss, C, MC)] * requirement[place(cvss, CR)]) *
		      (1 - cia[modified(cvss, I, MI)] * requirement[place(cvss, IR)]) *
		      (1 - cia[modified(cvss, A, MA)] * requirement[place(cvss, AR)]);
	double miss = 1 - left < 0.915 ? 1 - left : 0.915;
	double power =
		cvss->version == CVSS_3_1 ? pow(miss * 0.9731 - 0.02, 13) : pow(miss - 0.02, 15);
	double impact = changed ? 7.52 * (miss - 0.029) - 3.25 * power : 6.42 * miss;
	double ease = exploitability(modified(cvss, AV, MAV), modified(cvss, AC, MAC),
				     modified(cvss, PR, MPR), modified(cvss, UI, MUI), changed);

	if (impact <= 0)
		return 0;
	return round_up(capped(changed ? 1.08 * (impact + ease) : impact + ease) / 10.0 *
			temporal_factor);
}

struct cvss_scores cvss3_score(const struct cvss *cvss)
{
	double factor = e[place(cvss, E)] * rl[place(cvss, RL)] * rc[place(cvss, RC)];
	int base = base_of(cvss);

	return (struct cvss_scores){
		.base = base,
		.temporal = round_up(base / 10.0 * factor),
		.environmental = environmental_of(cvss, factor),
	};
}
