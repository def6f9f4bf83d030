#include "ident/cvss_metrics.h"

/* CVSS v2.0, section 2; v3.1, sections 2 to 4; v4.0, table 23. */
static const struct cvss_metric_row metrics2[] = {
	{ "AV", { "L", "A", "N" }, true },
	{ "AC", { "H", "M", "L" }, true },
	{ "Au", { "M", "S", "N" }, true },
	{ "C", { "N", "P", "C" }, true },
	{ "I", { "N", "P", "C" }, true },
	{ "A", { "N", "P", "C" }, true },
	{ "E", { "ND", "U", "POC", "F", "H" }, false },
	{ "RL", { "ND", "OF", "TF", "W", "U" }, false },
	{ "RC", { "ND", "UC", "UR", "C" }, false },
	{ "CDP", { "ND", "N", "L", "LM", "MH", "H" }, false },
	{ "TD", { "ND", "N", "L", "M", "H" }, false },
	{ "CR", { "ND", "L", "M", "H" }, false },
	{ "IR", { "ND", "L", "M", "H" }, false },
	{ "AR", { "ND", "L", "M", "H" }, false },
};

static const struct cvss_metric_row metrics3[] = {
	{ "AV", { "N", "A", "L", "P" }, true },
	{ "AC", { "L", "H" }, true },
	{ "PR", { "N", "L", "H" }, true },
	{ "UI", { "N", "R" }, true },
	{ "S", { "U", "C" }, true },
	{ "C", { "H", "L", "N" }, true },
	{ "I", { "H", "L", "N" }, true },
	{ "A", { "H", "L", "N" }, true },
	{ "E", { "X", "H", "F", "P", "U" }, false },
	{ "RL", { "X", "U", "W", "T", "O" }, false },
	{ "RC", { "X", "C", "R", "U" }, false },
	{ "CR", { "X", "H", "M", "L" }, false },
	{ "IR", { "X", "H", "M", "L" }, false },
	{ "AR", { "X", "H", "M", "L" }, false },
	{ "MAV", { "X", "N", "A", "L", "P" }, false },
	{ "MAC", { "X", "L", "H" }, false },
	{ "MPR", { "X", "N", "L", "H" }, false },
	{ "MUI", { "X", "N", "R" }, false },
	{ "MS", { "X", "U", "C" }, false },
	{ "MC", { "X", "H", "L", "N" }, false },
	{ "MI", { "X", "H", "L", "N" }, false },
	{ "MA", { "X", "H", "L", "N" }, false },
};

static const struct cvss_metric_row metrics4[] = {
	{ "AV", { "N", "A", "L", "P" }, true },
	{ "AC", { "L", "H" }, true },
	{ "AT", { "N", "P" }, true },
	{ "PR", { "N", "L", "H" }, true },
	{ "UI", { "N", "P", "A" }, true },
	{ "VC", { "H", "L", "N" }, true },
	{ "VI", { "H", "L", "N" }, true },
	{ "VA", { "H", "L", "N" }, true },
	{ "SC", { "H", "L", "N" }, true },
	{ "SI", { "H", "L", "N" }, true },
	{ "SA", { "H", "L", "N" }, true },
	{ "E", { "X", "A", "P", "U" }, false },
	{ "CR", { "X", "H", "M", "L" }, false },
	{ "IR", { "X", "H", "M", "L" }, false },
	{ "AR", { "X", "H", "M", "L" }, false },
	{ "MAV", { "X", "N", "A", "L", "P" }, false },
	{ "MAC", { "X", "L", "H" }, false },
	{ "MAT", { "X", "N", "P" }, false },
	{ "MPR", { "X", "N", "L", "H" }, false },
	{ "MUI", { "X", "N", "P", "A" }, false },
	{ "MVC", { "X", "H", "L", "N" }, false },
	{ "MVI", { "X", "H", "L", "N" }, false },
	{ "MVA", { "X", "H", "L", "N" }, false },
	{ "MSC", { "X", "H", "L", "N" }, false },
	{ "MSI", { "X", "S", "H", "L", "N" }, false },
	{ "MSA", { "X", "S", "H", "L", "N" }, false },
	{ "S", { "X", "N", "P" }, false },
	{ "AU", { "X", "N", "Y" }, false },
	{ "R", { "X", "A", "U", "I" }, false },
	{ "V", { "X", "D", "C" }, false },
	{ "RE", { "X", "L", "M", "H" }, false },
	{ "U", { "X", "Clear", "Green", "Amber", "Red" }, false },
};

static const struct cvss_metrics tables[] = {
	[CVSS_2_0] = { metrics2, nitems(metrics2), false },
	[CVSS_3_0] = { metrics3, nitems(metrics3), false },
	[CVSS_3_1] = { metrics3, nitems(metrics3), false },
	[CVSS_4_0] = { metrics4, nitems(metrics4), true },
};
static_assert(nitems(metrics4) <= CVSS_METRICS, "a vector holds every metric");

const struct cvss_metrics *cvss_metrics_of(enum cvss_version version)
{
	return &tables[version];
}

const char *cvss_value(const struct cvss *cvss, size_t metric)
{
	int value = cvss->value[metric];

	return tables[cvss->version].rows[metric].values[value ? value - 1 : 0];
}

const char *cvss_metric(const struct cvss *cvss, const char *metric)
{
	const struct cvss_metrics *table = &tables[cvss->version];

	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->rows[i].name, metric) == 0)
			return cvss_value(cvss, i);
	}
	return NULL;
}

/* Takes the prefix off; a vector without one is of version 2. */
static bool take_version(struct str *vector, enum cvss_version *version, struct err *err)
{
	static const struct {
		const char *prefix;
		enum cvss_version version;
	} prefixes[] = {
		{ "CVSS:2.0/", CVSS_2_0 },
		{ "CVSS:3.0/", CVSS_3_0 },
		{ "CVSS:3.1/", CVSS_3_1 },
		{ "CVSS:4.0/", CVSS_4_0 },
	};

	for (size_t i = 0; i < nitems(prefixes); i++) {
		if (str_starts(*vector, prefixes[i].prefix)) {
			*vector = str_sub(*vector, strlen(prefixes[i].prefix), vector->len);
			*version = prefixes[i].version;
			return true;
		}
	}
	if (str_starts(*vector, "CVSS:"))
		return fail(err, MSG_CVSS_VERSION, str_sub(*vector, 0, str_find(*vector, '/')));
	if (vector->len > 2 && vector->at[0] == '(' && vector->at[vector->len - 1] == ')')
		*vector = str_sub(*vector, 1, vector->len - 2);
	*version = CVSS_2_0;
	return true;
}

static bool take_value(const struct cvss_metric_row *row, struct str value, uint8_t *place)
{
	for (size_t i = 0; i < CVSS_VALUES && row->values[i]; i++) {
		if (str_is(value, row->values[i])) {
			*place = (uint8_t)(i + 1);
			return true;
		}
	}
	return false;
}

static bool take_metric(struct cvss *cvss, struct str part, size_t *last, struct err *err)
{
	const struct cvss_metrics *table = &tables[cvss->version];
	struct str value = part, name;

	if (!str_split(&value, ':', &name) || !value.at)
		return fail(err, MSG_CVSS_PART, part);
	for (size_t i = 0; i < table->count; i++) {
		if (!str_is(name, table->rows[i].name))
			continue;
		if (cvss->value[i])
			return fail(err, MSG_CVSS_TWICE, name);
		if (table->ordered && i < *last)
			return fail(err, MSG_CVSS_ORDER, name);
		*last = i;
		if (!take_value(&table->rows[i], value, &cvss->value[i]))
			return fail(err, MSG_CVSS_VALUE, value, name);
		return true;
	}
	return fail(err, MSG_CVSS_METRIC, name);
}

bool cvss_parse(struct str vector, struct cvss *cvss, struct err *err)
{
	struct cvss read = { 0 };
	struct str part;
	size_t last = 0;

	if (!take_version(&vector, &read.version, err))
		return false;
	while (str_split(&vector, '/', &part)) {
		if (!take_metric(&read, part, &last, err))
			return false;
	}

	const struct cvss_metrics *table = &tables[read.version];

	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].required && !read.value[i])
			return fail(err, MSG_CVSS_MISSING, table->rows[i].name);
	}
	*cvss = read;
	return true;
}

struct cvss_scores cvss_score(const struct cvss *cvss)
{
	switch (cvss->version) {
	case CVSS_2_0:
		return cvss2_score(cvss);
	case CVSS_3_0:
	case CVSS_3_1:
		return cvss3_score(cvss);
	case CVSS_4_0:
		break;
	}
	return cvss4_score(cvss);
}

enum cvss_severity cvss_severity(enum cvss_version version, int tenths)
{
	if (version == CVSS_2_0)
		return tenths < 40 ? CVSS_LOW : tenths < 70 ? CVSS_MEDIUM : CVSS_HIGH;
	if (tenths <= 0)
		return CVSS_NONE;
	return tenths < 40   ? CVSS_LOW
	       : tenths < 70 ? CVSS_MEDIUM
	       : tenths < 90 ? CVSS_HIGH
			     : CVSS_CRITICAL;
}

const char *cvss_severity_name(enum cvss_severity severity)
{
	static const char *const names[] = { "None", "Low", "Medium", "High", "Critical" };

	return names[severity];
}

int cvss_overall(const struct cvss_scores *scores)
{
	if (scores->environmental >= 0)
		return scores->environmental;
	return scores->temporal >= 0 ? scores->temporal : scores->base;
}
