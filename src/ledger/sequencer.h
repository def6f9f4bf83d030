/* Owns the thread that gives entries their positions, tells the anchor, and publishes. */
#ifndef XIEDUN_LEDGER_SEQUENCER_H
#define XIEDUN_LEDGER_SEQUENCER_H

#include "ledger/log.h"

must_use bool sequencer_start(struct ledger *, struct err *);

/* Sequences what is left, as far as that goes, and ends the thread. */
void sequencer_stop(struct ledger *);

#endif
