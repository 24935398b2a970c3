/*
 * A buyer who repeats a request whose end he does not know, through two ingests that remember, forget and restart, and a
 * ledger that remembers the keys of what it accepted for ever and of what it refused for a window.
 *
 * One unit of stock, a rival who holds it at the start and may give it back: so the same request can be refused at one moment
 * and accepted at another, which is what must not be seen.
 *
 * Promise: one request key is accepted at most once; it gets one verdict, whichever way it is asked (I3, I4); nobody is told
 * that nothing happened when an order exists.
 *
 * Each of these must be found when it is compiled in (-D):
 *   NO_KEYS            the ledger does not remember the keys of accepted purchases
 *   FORGETS_REFUSALS   the ledger does not remember the keys of refused ones
 *   TIMEOUT_IS_FAILURE an ingest takes an append that timed out for one that failed, and says so
 *   GUESSES_OFFSET     an acknowledgement of a repeated batch carries no offset, and the ingest takes the end of the log for it
 */
#define TRIES 3
#define LOG 6
#define RIVAL 9 /* gives its unit back */
#define BUY 1

#define NOTHING 0
#define ACCEPTED 1
#define REFUSED 2
#define DUPLICATE 3

byte log_kind[LOG];
byte log_verdict[LOG];
byte end = 0;
byte decided = 0;
byte stock = 0;
byte accepted_at = LOG; /* offset of the accepted purchase of our key, as the ledger remembers it */
byte refused_at = LOG;
byte orders = 0;        /* that our key has led to */
byte late = 0;          /* appends under way whose ingest has given up on them */
byte remembered[2];     /* by ingest: offset + 1 of the ticket that it has for the key, 0 if none */
bool told_failed = false;
bool rival_done = false;

inline append(what) {
  log_kind[end] = what;
  end++
}

active proctype rival() {
  if
  :: atomic { end < LOG -> append(RIVAL) }
  :: true
  fi;
  rival_done = true
}

active proctype late_appends() {
end_late:
  do
  :: atomic { late > 0 && end < LOG -> late--; append(BUY) }
  :: atomic { late > 0 -> late-- } /* it never arrived */
  od
}

active proctype restarts() {
  if :: remembered[0] = 0 :: true fi;
  if :: remembered[1] = 0 :: true fi
}

active proctype ledger() {
end_ledger:
  do
  :: atomic {
      decided < end ->
      if
      :: log_kind[decided] == RIVAL -> stock = 1; log_verdict[decided] = ACCEPTED
#ifndef NO_KEYS
      :: log_kind[decided] == BUY && accepted_at < LOG -> log_verdict[decided] = DUPLICATE + ACCEPTED
#endif
#ifndef FORGETS_REFUSALS
      :: log_kind[decided] == BUY && refused_at < LOG -> log_verdict[decided] = DUPLICATE + REFUSED
#endif
      :: else ->
         if
         :: stock > 0 -> stock--; orders++; accepted_at = decided; log_verdict[decided] = ACCEPTED
         :: else -> refused_at = decided; log_verdict[decided] = REFUSED
         fi;
#ifdef NO_KEYS
         stock = 1; /* whatever is in stock, the key must not buy twice */
#endif
      fi;
      decided++;
      assert(orders <= 1)
    }
  od
}

active proctype buyer() {
  byte tries, ingest, ticket, verdict, told;
  do
  :: tries < TRIES ->
     tries++;
     if :: ingest = 0 :: ingest = 1 fi;
     ticket = LOG;
     if
     :: atomic { remembered[ingest] > 0 -> ticket = remembered[ingest] - 1 }
     :: atomic { /* acknowledged */
        remembered[ingest] == 0 && end < LOG -> ticket = end; append(BUY); remembered[ingest] = end
        }
     :: atomic { remembered[ingest] == 0 && end < LOG -> append(BUY) } /* written, and the acknowledgement is lost: unknown */
     :: atomic { remembered[ingest] == 0 && end < LOG -> append(BUY); /* written, acknowledged without an offset: unknown */
#ifdef GUESSES_OFFSET
        if :: end < LOG -> ticket = end - 1; if :: log_kind[0] == RIVAL -> ticket = 0 :: else fi :: else fi
#endif
        }
     :: atomic { remembered[ingest] == 0 -> late++ } /* nobody knows */
     :: atomic { end == LOG -> break }
     fi;
     if
     :: ticket < LOG ->
        atomic { decided > ticket }
        verdict = log_verdict[ticket];
        if :: verdict > DUPLICATE -> verdict = verdict - DUPLICATE :: else fi;
        assert(told == NOTHING || told == verdict);
        assert(verdict != ACCEPTED || orders == 1);
        told = verdict
     :: else ->
#ifdef TIMEOUT_IS_FAILURE
        told_failed = true; break
#else
        skip /* 503: not known, ask again with the same key */
#endif
     fi
  :: break
  od;
  /* When all is quiet, whoever was told that nothing happened must have nothing. */
  atomic { rival_done && late == 0 && decided == end -> assert(!(told_failed && orders > 0)) }
}
