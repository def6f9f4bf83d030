/* CVSS v4.0, section 8: the vector's macro vector, its score, and the distance from the macro vector's worst vectors. */
#include <math.h>

#include "ident/cvss_metrics.h"

enum { AV, AC, AT, PR, UI, VC, VI, VA, SC, SI, SA, E, CR, IR, AR, MAV };

/* The metrics that count, in the order of the base metrics; then E and the three requirements. */
enum { EFFECTIVE = 15 };

/* EQ3 and EQ6 are looked at together (section 8.2): 00, 01, 10, 11, 21; 20 cannot be. */
enum { EQ36_00, EQ36_01, EQ36_10, EQ36_11, EQ36_21, EQ36_COUNT };

struct macro {
	int eq1, eq2, eq36, eq4, eq5;
};

/* Scores in tenths by EQ1, EQ2, EQ3 with EQ6, EQ4, EQ5: FIRST's table of the 270 macro vectors. */
static const uint8_t macro_scores[3][2][EQ36_COUNT][3][3] = {
	{
		{
			{ { 100, 98, 95 }, { 100, 93, 91 }, { 93, 89, 81 } },
			{ { 99, 95, 92 }, { 96, 87, 81 }, { 90, 80, 68 } },
			{ { 98, 95, 90 }, { 93, 89, 81 }, { 88, 78, 69 } },
			{ { 95, 92, 84 }, { 92, 81, 65 }, { 80, 70, 48 } },
			{ { 92, 82, 72 }, { 79, 69, 50 }, { 69, 55, 27 } },
		},
		{
			{ { 99, 95, 92 }, { 95, 90, 84 }, { 92, 82, 72 } },
			{ { 97, 92, 85 }, { 91, 83, 71 }, { 81, 71, 53 } },
			{ { 95, 92, 85 }, { 92, 80, 70 }, { 84, 71, 50 } },
			{ { 93, 85, 73 }, { 82, 72, 59 }, { 70, 52, 30 } },
			{ { 86, 75, 52 }, { 71, 52, 29 }, { 63, 29, 17 } },
		},
	},
	{
		{
			{ { 98, 94, 91 }, { 94, 86, 77 }, { 87, 74, 63 } },
			{ { 95, 87, 81 }, { 89, 74, 64 }, { 75, 63, 49 } },
			{ { 94, 88, 76 }, { 86, 74, 59 }, { 72, 57, 52 } },
			{ { 89, 77, 67 }, { 76, 58, 50 }, { 57, 52, 25 } },
			{ { 83, 70, 54 }, { 65, 58, 26 }, { 53, 21, 13 } },
		},
		{
			{ { 95, 88, 76 }, { 90, 75, 61 }, { 77, 68, 52 } },
			{ { 90, 76, 70 }, { 77, 62, 53 }, { 66, 59, 30 } },
			{ { 89, 76, 62 }, { 74, 57, 47 }, { 61, 57, 24 } },
			{ { 78, 67, 58 }, { 59, 57, 23 }, { 52, 29, 16 } },
			{ { 71, 59, 30 }, { 58, 26, 15 }, { 23, 13, 6 } },
		},
	},
	{
		{
			{ { 93, 86, 75 }, { 86, 74, 56 }, { 70, 52, 40 } },
			{ { 87, 72, 58 }, { 74, 61, 34 }, { 54, 40, 22 } },
			{ { 85, 74, 62 }, { 72, 55, 46 }, { 53, 34, 19 } },
			{ { 75, 55, 51 }, { 57, 41, 19 }, { 36, 19, 8 } },
			{ { 64, 51, 20 }, { 47, 21, 11 }, { 24, 9, 4 } },
		},
		{
			{ { 88, 73, 60 }, { 73, 59, 41 }, { 54, 45, 20 } },
			{ { 75, 53, 50 }, { 55, 40, 20 }, { 43, 22, 11 } },
			{ { 75, 58, 40 }, { 61, 48, 20 }, { 46, 17, 8 } },
			{ { 55, 45, 21 }, { 51, 18, 9 }, { 18, 7, 2 } },
			{ { 53, 24, 14 }, { 24, 12, 5 }, { 10, 3, 1 } },
		},
	},
};

/* How far each metric's value lies from its worst one, in steps (section 8.2, table 24 on). Worst value first. */
static const char *const levels[EFFECTIVE] = {
	[AV] = "NALP", [AC] = "LH",  [AT] = "NP",  [PR] = "NLH",  [UI] = "NPA",
	[VC] = "HLN",  [VI] = "HLN", [VA] = "HLN", [SC] = "SHLN", [SI] = "SHLN",
	[SA] = "SHLN", [E] = "APU",  [CR] = "HML", [IR] = "HML",  [AR] = "HML",
};

/* A worst vector of a level of an equation: the letters of its metrics. */
struct worst {
	const char *letters[5];
};

static const int eq1_metrics[] = { AV, PR, UI, -1 };
static const int eq2_metrics[] = { AC, AT, -1 };
static const int eq36_metrics[] = { VC, VI, VA, CR, IR, AR, -1 };
static const int eq4_metrics[] = { SC, SI, SA, -1 };

static const struct worst eq1_worst[] = { { { "NNN" } },
					  { { "ANN", "NLN", "NNP" } },
					  { { "PNN", "ALP" } } };
static const struct worst eq2_worst[] = { { { "LN" } }, { { "HN", "LP" } } };
static const struct worst eq36_worst[] = {
	[EQ36_00] = { { "HHHHHH" } },
	[EQ36_01] = { { "HHLMMH", "HHHMMM" } },
	[EQ36_10] = { { "LHHHHH", "HLHHHH" } },
	[EQ36_11] = { { "LHLHMH", "LHHHMM", "HLHMHM", "HLLMHH", "LLHHHM" } },
	[EQ36_21] = { { "LLLHHH" } },
};
static const struct worst eq4_worst[] = { { { "HSS" } }, { { "HHH" } }, { { "LLL" } } };

/* How many steps a level is deep (section 8.2). */
static const int eq1_depth[] = { 1, 4, 5 };
static const int eq2_depth[] = { 1, 2 };
static const int eq36_depth[] = { 7, 6, 8, 8, 10 };
static const int eq4_depth[] = { 6, 5, 4 };

/* One letter for each metric: modified ones count before base ones, what is not given is the worst. */
static void take_letters(const struct cvss *cvss, char letter[EFFECTIVE])
{
	for (size_t i = AV; i <= SA; i++) {
		const char *changed = cvss_value(cvss, MAV + i);

		letter[i] = changed[0] == 'X' ? cvss_value(cvss, i)[0] : changed[0];
	}
	for (size_t i = E; i <= AR; i++) {
		char given = cvss_value(cvss, i)[0];

		letter[i] = given == 'X' ? levels[i][0] : given;
	}
}

static struct macro macro_of(const char *l)
{
	bool all = l[AV] == 'N' && l[PR] == 'N' && l[UI] == 'N';
	bool any = (l[AV] == 'N' || l[PR] == 'N' || l[UI] == 'N') && l[AV] != 'P';
	bool high = l[VC] == 'H' || l[VI] == 'H' || l[VA] == 'H';
	bool both = l[VC] == 'H' && l[VI] == 'H';
	bool wanted = (l[CR] == 'H' && l[VC] == 'H') || (l[IR] == 'H' && l[VI] == 'H') ||
		      (l[AR] == 'H' && l[VA] == 'H');
	bool safety = l[SI] == 'S' || l[SA] == 'S';
	bool later = l[SC] == 'H' || l[SI] == 'H' || l[SA] == 'H';

	return (struct macro){
		.eq1 = all   ? 0
		       : any ? 1
			     : 2,
		.eq2 = l[AC] == 'L' && l[AT] == 'N' ? 0 : 1,
		.eq36 = both   ? (wanted ? EQ36_00 : EQ36_01)
			: high ? (wanted ? EQ36_10 : EQ36_11)
			       : EQ36_21,
		.eq4 = safety  ? 0
		       : later ? 1
			       : 2,
		.eq5 = l[E] == 'A'   ? 0
		       : l[E] == 'P' ? 1
				     : 2,
	};
}

static int step_of(int metric, char letter)
{
	const char *at = strchr(levels[metric], letter);

	return at ? (int)(at - levels[metric]) : 0;
}

/* Steps from the first worst vector of the level that the vector does not pass in any metric. */
static int distance(const char *letter, const int *metrics, const struct worst *worst)
{
	for (size_t w = 0; w < nitems(worst->letters) && worst->letters[w]; w++) {
		int sum = 0;
		bool passes = false;

		for (size_t i = 0; metrics[i] >= 0; i++) {
			int steps = step_of(metrics[i], letter[metrics[i]]) -
				    step_of(metrics[i], worst->letters[w][i]);

			passes |= steps < 0;
			sum += steps;
		}
		if (!passes)
			return sum;
	}
	return 0;
}

static int score_at(const struct macro *m)
{
	return macro_scores[m->eq1][m->eq2][m->eq36][m->eq4][m->eq5];
}

/* What the score loses on the way to the next level below; -1 where there is none. */
static int loss_eq36(const struct macro *m)
{
	struct macro a = *m, b = *m;

	switch (m->eq36) {
	case EQ36_00:
		a.eq36 = EQ36_01;
		b.eq36 = EQ36_10;
		/* Two ways down: the one with the higher score. */
		return score_at(m) - (score_at(&a) > score_at(&b) ? score_at(&a) : score_at(&b));
	case EQ36_01:
	case EQ36_10:
		a.eq36 = EQ36_11;
		return score_at(m) - score_at(&a);
	case EQ36_11:
		a.eq36 = EQ36_21;
		return score_at(m) - score_at(&a);
	default:
		return -1;
	}
}

static int loss(const struct macro *m, int eq)
{
	struct macro below = *m;

	if (eq == 36)
		return loss_eq36(m);
	if (eq == 1 && ++below.eq1 > 2)
		return -1;
	if (eq == 2 && ++below.eq2 > 1)
		return -1;
	if (eq == 4 && ++below.eq4 > 2)
		return -1;
	if (eq == 5 && ++below.eq5 > 2)
		return -1;
	return score_at(m) - score_at(&below);
}

static bool without_impact(const char *l)
{
	for (int i = VC; i <= SA; i++) {
		if (l[i] != 'N')
			return false;
	}
	return true;
}

struct cvss_scores cvss4_score(const struct cvss *cvss)
{
	char letter[EFFECTIVE];
	struct cvss_scores scores = { 0, -1, -1 };

	take_letters(cvss, letter);
	if (without_impact(letter))
		return scores;

	struct macro m = macro_of(letter);
	const struct {
		int eq, distance, depth;
	} ways[] = {
		{ 1, distance(letter, eq1_metrics, &eq1_worst[m.eq1]), eq1_depth[m.eq1] },
		{ 2, distance(letter, eq2_metrics, &eq2_worst[m.eq2]), eq2_depth[m.eq2] },
		{ 36, distance(letter, eq36_metrics, &eq36_worst[m.eq36]), eq36_depth[m.eq36] },
		{ 4, distance(letter, eq4_metrics, &eq4_worst[m.eq4]), eq4_depth[m.eq4] },
		{ 5, 0, 1 },
	};
	double sum = 0;
	int count = 0;

	for (size_t i = 0; i < nitems(ways); i++) {
		int lost = loss(&m, ways[i].eq);

		if (lost < 0)
			continue;
		sum += (double)lost * ways[i].distance / ways[i].depth;
		count++;
	}

	double score = score_at(&m) - (count ? sum / count : 0);

	scores.base = (int)floor((score < 0 ? 0 : score) + 0.5 + 1e-9);
	return scores;
}
